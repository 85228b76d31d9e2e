// Command growth measures whether calls get slower as the tables grow. It fills a small and a large database on the same server with
// the same number of old rows for each member. Then it times each call of members and workers and each periodic statement on both
// databases alternately.
//
//	npm run check:growth
//	npm run check:growth -- -on mariadb -members 1000000 -old 10
//	npm run check:growth -- -on mariadb -counters
//
// It compares medians: other work of the machine slows both databases down alike.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // for the connection that fills the tables

	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

// options are the sizes of the databases and the number of calls.
type options struct {
	members, small, old int
	sqliteMembers       int
	pool, options       string
	rounds              int
	counters            bool
}

func main() {
	var o options
	on := flag.String("on", "mariadb,sqlite", "databases to measure")
	flag.IntVar(&o.members, "members", 1_000_000, "members in the large database on MariaDB")
	flag.IntVar(&o.sqliteMembers, "sqlite-members", 200_000, "members in the large database on SQLite")
	flag.IntVar(&o.small, "small", 10_000, "members in the small database")
	flag.IntVar(&o.old, "old", 2, "old recoveries, issuances, letters and activities for each member")
	flag.StringVar(&o.pool, "pool", "5G", "buffer pool of MariaDB; with less than the large database has, reads from the disk are measured")
	flag.StringVar(&o.options, "options", "", "more options of MariaDB, for example: --innodb-adaptive-hash-index=ON")
	flag.BoolVar(&o.counters, "counters", false, "print what MariaDB counts for each call on the small and on the large database")
	flag.IntVar(&o.rounds, "rounds", 300, "times that each call is made on each database")
	flag.Parse()
	if err := run(strings.Split(*on, ","), o); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(on []string, o options) (err error) {
	f, err := fleet.New()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, kind := range on {
		if err := measureOn(f, kind, o); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// measureOn fills and compares two databases of one kind.
func measureOn(f *fleet.Fleet, kind string, o options) error {
	open, large, err := opener(f, kind, o)
	if err != nil {
		return err
	}
	var databases [2]*database
	for i, members := range []int{o.small, large} {
		opened, err := open(fmt.Sprintf("of_%d", members))
		if err != nil {
			return err
		}
		defer opened.close()
		begun := time.Now()
		if err := opened.fill(members, members*o.old); err != nil {
			return fmt.Errorf("fill %d members: %w", members, err)
		}
		fmt.Printf("%s: filled %d members and %d old rows in each table in %.0f s\n", kind, members, members*o.old, time.Since(begun).Seconds())
		if o.counters && opened.dialect == store.MySQL {
			if err := enableCounters(opened.rows); err != nil {
				return err
			}
			opened.hasCounters = true
		}
		databases[i] = opened
	}
	return compare(databases, o.rounds)
}

// fillFactor leaves the filled pages as full as the pages of an index that grew by random inserts (on average 69 %). By default
// INSERT … SELECT into an empty table fills them up, and then each new entry on a page of a large index splits that page.
const fillFactor = "--innodb-fill-factor=70"

// opener gives a function that creates and opens a database, and how many members the large one has. It starts MariaDB.
func opener(f *fleet.Fleet, kind string, o options) (open func(name string) (*database, error), large int, err error) {
	switch kind {
	case "sqlite":
		return func(name string) (*database, error) {
			path := filepath.Join(f.Folder(), name+".db")
			return openDatabase(store.Settings{Dialect: store.SQLite, Path: path}, "sqlite", "file:"+path+"?_pragma=busy_timeout(30000)")
		}, o.sqliteMembers, nil
	case "mariadb":
		with := append([]string{"--innodb-buffer-pool-size=" + o.pool, fillFactor}, strings.Fields(o.options)...)
		server, err := f.NewMariaDB("mariadb", with...)
		if err != nil {
			return nil, 0, err
		}
		return func(name string) (*database, error) {
			if err := server.CreateDatabase(name); err != nil {
				return nil, err
			}
			where := fleet.Where(name, server)
			return openDatabase(where, "mysql", "root@tcp("+where.Hosts[0]+")/"+name)
		}, o.members, server.Start()
	}
	return nil, 0, fmt.Errorf("there is no database %q: mariadb and sqlite are known", kind)
}

// database is one filled database: the store as the program uses it, the service and the resolver on it, and a connection that fills
// the tables.
type database struct {
	store        *store.Store
	steps        *recovery.Service
	resolver     *recovery.Resolver
	rows         *sql.DB
	dialect      store.Dialect
	hasCounters  bool // whether the counters are read around each call
	members, old int  // the number of members, and of old rows in each table
	filled       time.Time

	asked  []recovery.ID // the recoveries that the measured asks opened
	sweeps int           // how many sweeps have run
}

func openDatabase(where store.Settings, driver, source string) (*database, error) {
	opened, err := fleet.OpenStore(where)
	if err != nil {
		return nil, err
	}
	d := &database{store: opened, dialect: where.Dialect}
	if _, err := opened.Migrate(context.Background()); err != nil {
		return d, err
	}
	key, err := recovery.GenerateKey("growth")
	if err != nil {
		return d, err
	}
	keys, err := recovery.NewRing(key)
	if err != nil {
		return d, err
	}
	d.steps = &recovery.Service{
		Store: opened.Recoveries(), Keys: keys, Now: now, Log: slog.New(slog.DiscardHandler), WakePostman: func() {},
	}
	d.resolver = recovery.NewResolver(d.steps)
	d.rows, err = sql.Open(driver, source)
	return d, err
}

func (d *database) close() { _ = errors.Join(d.rows.Close(), d.store.Close()) }

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
