// Command growth measures whether calls get slower as the tables grow. It fills two databases on the same server, a small
// one and a large one with the same rows for each member, and times each call of members and workers and each periodic
// statement on both, in turns. The tables of the large one hold old rows only, as after years.
//
//	npm run check:growth
//	npm run check:growth -- -on mariadb -members 1000000 -old 10
//
// It compares medians: the machine's other work meets both databases alike.
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

	_ "modernc.org/sqlite" // the driver of our own connection beside the store's

	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

// options say how large the databases are.
type options struct {
	members, small, old int
	sqliteMembers       int
	pool                string
	rounds              int
}

func main() {
	var o options
	on := flag.String("on", "mariadb,sqlite", "databases to measure")
	flag.IntVar(&o.members, "members", 1_000_000, "members in the large database on MariaDB")
	flag.IntVar(&o.sqliteMembers, "sqlite-members", 200_000, "members in the large database on SQLite")
	flag.IntVar(&o.small, "small", 10_000, "members in the small database")
	flag.IntVar(&o.old, "old", 2, "old recoveries, issuances, letters and activities for each member")
	flag.StringVar(&o.pool, "pool", "2G", "buffer pool of MariaDB")
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
	for _, database := range on {
		if err := measureOn(f, database, o); err != nil {
			return fmt.Errorf("%s: %w", database, err)
		}
	}
	return nil
}

func measureOn(f *fleet.Fleet, database string, o options) error {
	var open func(name string) (*place, error)
	large := o.members
	switch database {
	case "mariadb":
		server, err := f.NewMariaDB("mariadb", "--innodb-buffer-pool-size="+o.pool)
		if err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		open = func(name string) (*place, error) {
			if err := server.CreateDatabase(name); err != nil {
				return nil, err
			}
			where := fleet.Where(name, server)
			return openPlace(where, "mysql", "root@tcp("+where.Hosts[0]+")/"+name)
		}
	case "sqlite":
		large = o.sqliteMembers
		open = func(name string) (*place, error) {
			path := filepath.Join(f.Folder(), name+".db")
			return openPlace(store.Settings{Dialect: store.SQLite, Path: path}, "sqlite", "file:"+path+"?_pragma=busy_timeout(30000)")
		}
	default:
		return errors.New("there is no such database: mariadb and sqlite are known")
	}
	var places [2]*place
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
		fmt.Printf("%s: filled %d members and %d old rows in each table in %.0f s\n", database, members, members*o.old, time.Since(begun).Seconds())
		places[i] = opened
	}
	return compare(places, o.rounds)
}

// place is one filled database: the store as the program uses it, the five steps over it, and a connection for filling.
type place struct {
	store        *store.Store
	steps        *recovery.Service
	resolver     *recovery.Resolver
	rows         *sql.DB
	dialect      store.Dialect
	members, old int
	filled       time.Time

	asked  []recovery.ID // by the calls that are measured
	sweeps int
}

func openPlace(where store.Settings, driver, source string) (*place, error) {
	opened, err := fleet.OpenStore(where)
	if err != nil {
		return nil, err
	}
	p := &place{store: opened, dialect: where.Dialect}
	if _, err := opened.Migrate(context.Background()); err != nil {
		return p, err
	}
	key, err := recovery.GenerateKey("growth")
	if err != nil {
		return p, err
	}
	keys, err := recovery.NewRing(key)
	if err != nil {
		return p, err
	}
	p.steps = &recovery.Service{
		Store: opened.Recoveries(), Keys: keys, Now: now, Log: slog.New(slog.DiscardHandler), WakePostman: func() {},
	}
	p.resolver = recovery.NewResolver(p.steps)
	p.rows, err = sql.Open(driver, source)
	return p, err
}

func (p *place) close() { _ = errors.Join(p.rows.Close(), p.store.Close()) }

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
