package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/fleet"
	"aikagi/backend/testkit/sink"
)

// wantCheck runs check and fails the test unless it exits with the code and prints the line.
func (s *site) wantCheck(code int, want string, environ ...string) {
	s.t.Helper()
	got, printed := runIn(s.t, append(slices.Clone(s.environ), environ...), "check")
	if got != code || !strings.Contains(printed, want) {
		s.t.Errorf("check: got %d, want %d and %q\n%s", got, code, want, printed)
	}
}

func TestCheckNamesWhatIsWrongWithTheTables(t *testing.T) {
	t.Parallel()
	for dialect, faults := range map[store.Dialect]map[string]string{
		store.SQLite: {
			"ALTER TABLE letters DROP COLUMN former_address":                                                 "database: FAULT: the column letters.former_address is missing\n",
			"DELETE FROM goose_db_version WHERE version_id > 0":                                              "database: FAULT: the database is not migrated: run aikagi migrate\n",
			"DROP TABLE activities":                                                                          "database: FAULT: the table activities is missing\n",
			"CREATE UNIQUE INDEX x ON members (login_id COLLATE NOCASE)":                                     "database: FAULT: the column members.login_id has the collation NOCASE",
			"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)":                        "database: ok; WARNING: the tables are of a newer version",
			"PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 3 WHERE name = 'activities_id'": "database file: FAULT: ",
		},
		store.MySQL: {
			"ALTER TABLE letters DROP COLUMN former_address":                                  "database: FAULT: the column letters.former_address is missing\n",
			"DELETE FROM goose_db_version WHERE version_id > 0":                               "database: FAULT: the database is not migrated: run aikagi migrate\n",
			"DROP TABLE activities":                                                           "database: FAULT: the table activities is missing\n",
			"ALTER TABLE members CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci": "the column members.login_id has the collation utf8mb4_general_ci",
			"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)":         "database: ok; WARNING: the tables are of a newer version",
		},
	} {
		for statement, want := range faults {
			where := testkit.SQLite(t)
			if dialect == store.MySQL {
				where = testkit.MySQL(t)
			}
			s := newSite(t, where)
			s.wantCheck(exitDone, "database: ok\n")
			s.stop()
			execIn(t, where, statement)
			code := exitFailed
			if strings.Contains(want, ": ok") {
				code = exitDone
			}
			s.wantCheck(code, want)
		}
	}
}

func TestCheckNamesEachPermissionThatTheUserLacks(t *testing.T) {
	where := testkit.MySQL(t)
	s := newSite(t, where)
	s.stop()
	user := "c" + strings.TrimPrefix(where.Name, "aikagi_")
	execIn(t, where, "CREATE USER "+user+" IDENTIFIED BY 'pw'")
	defer execIn(t, where, "DROP USER "+user)
	as := fmt.Sprintf("AIKAGI_DATABASE=mysql://%s:pw@%s/%s", user, where.Hosts[0], where.Name)
	rights := []string{"SELECT", "INSERT", "UPDATE", "DELETE"}
	for i, lacks := range rights {
		others := slices.Delete(slices.Clone(rights), i, i+1)
		execIn(t, where, "GRANT "+strings.Join(others, ", ")+" ON `"+where.Name+"`.* TO "+user)
		s.wantCheck(exitFailed, lacks, as)
		execIn(t, where, "REVOKE ALL ON `"+where.Name+"`.* FROM "+user)
	}
	execIn(t, where, "GRANT "+strings.Join(rights, ", ")+" ON `"+where.Name+"`.* TO "+user)
	s.wantCheck(exitDone, "database: ok\n", as)
}

func TestCheckNamesAnErrorOfTheDatabaseOnce(t *testing.T) {
	where := testkit.MySQL(t)
	s := newSite(t, where)
	for fault, address := range map[string]string{
		"Error 1045": "nobody:wrong@" + where.Hosts[0] + "/" + where.Name, "Error 1049": "root@" + where.Hosts[0] + "/" + where.Name + "_missing",
	} {
		code, printed := runIn(t, append(slices.Clone(s.environ), "AIKAGI_DATABASE=mysql://"+address), "check")
		if code != exitFailed || strings.Count(printed, fault) != 1 || !strings.Contains(printed, "aikagi: 1 fault\n") {
			t.Errorf("got %d, want one %s\n%s", code, fault, printed)
		}
	}
}

// This test has its own MariaDB, because it changes global variables.
func TestCheckNamesADatabaseServerThatIsReadOnlyAndOneWhoseClockIsOff(t *testing.T) {
	f, err := fleet.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	server, err := f.NewMariaDB("mariadb")
	if err == nil {
		err = server.Start()
	}
	if err == nil {
		err = server.CreateDatabase("aikagi")
	}
	if err != nil {
		t.Fatal(err)
	}
	where := store.Settings{Dialect: store.MySQL, User: "root", Password: testkit.MySQL(t).Password, Hosts: []string{fmt.Sprintf("127.0.0.1:%d", server.Port)}, Name: "aikagi", Connections: 4}
	s := newSite(t, where)
	s.stop()
	execIn(t, where, "CREATE USER member@'127.0.0.1' IDENTIFIED BY 'pw'", "GRANT SELECT, INSERT, UPDATE, DELETE ON aikagi.* TO member@'127.0.0.1'", "SET GLOBAL read_only = 1")
	as := "AIKAGI_DATABASE=mysql://member:pw@" + where.Hosts[0] + "/aikagi"
	s.wantCheck(exitFailed, "database: FAULT: the database takes no writes: the server is set to read_only=ON\n")
	s.wantCheck(exitFailed, "database: FAULT: the database takes no writes: the server is set to read_only=ON\n", as)
	execIn(t, where, "SET GLOBAL read_only = 0")
	s.wantCheck(exitDone, "database: ok\n", as)

	p, out := s.program()
	p.now = func() time.Time { return time.Now().Add(time.Hour) }
	if code := run(p, []string{"check"}); code != exitFailed || !strings.Contains(out.String(), "the database's clock is 1h0m0s apart from this machine's") {
		t.Errorf("a clock that is off: got %d\n%s", code, out)
	}
}

func TestCheckNamesAnSQLiteFileOnAFullDisk(t *testing.T) {
	where := testkit.SQLite(t)
	s := newSite(t, where)
	s.wantCheck(exitDone, "database: ok\ndatabase file: ok, it is whole\n")
	restore := testkit.LimitFiles(t, 256<<10)
	s.wantCheck(exitFailed, "database: FAULT: the disk has no space for new rows: ")
	restore()
	s.wantCheck(exitDone, "database: ok\ndatabase file: ok, it is whole\n")
}

func TestCheckNamesARedisThatTakesNoWrites(t *testing.T) {
	f, err := fleet.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	server, err := f.NewRedis("redis")
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: strings.TrimPrefix(server.URL(), "redis://")})
	defer func() { _ = client.Close() }()
	s := newSite(t, testkit.SQLite(t))
	setting := "AIKAGI_REDIS=" + server.URL()
	s.wantCheck(exitDone, "redis: ok\n", setting)
	for _, key := range client.Keys(t.Context(), "*").Val() {
		if client.TTL(t.Context(), key).Val() < 0 {
			t.Errorf("check leaves %s behind", key)
		}
	}
	if err := client.Do(t.Context(), "ACL", "SETUSER", "ro", "on", ">p", "~*", "+@all", "-@scripting").Err(); err != nil {
		t.Fatal(err)
	}
	s.wantCheck(exitFailed, "redis: FAULT: ", strings.Replace(setting, "redis://", "redis://ro:p@", 1))
	if err := client.Do(t.Context(), "CONFIG", "SET", "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	s.wantCheck(exitFailed, "redis: FAULT: ", setting)
}

func TestCheckNamesAMailServerThatRefusesTheSender(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.wantCheck(exitDone, "mail server: ok\n")
	s.mails.SetMode(sink.Mode{Refuse: 530, At: "mail"})
	s.wantCheck(exitFailed, "mail server: FAULT: check the mail server: MAIL: 530 5.7.1\n")
	if len(s.mails.Letters()) != 0 {
		t.Error("check sent a letter")
	}
}

// Some servers delay the greeting, because senders of spam do not wait for it.
func TestAMailServerThatGreetsSlowlyIsNoFault(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		time.Sleep(checkTimeout + time.Second) // longer than the other parts of the check have
		_, _ = io.WriteString(conn, "220 slow.example.jp\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			_, _ = io.WriteString(conn, "250 ok\r\n")
		}
	}()
	s := newSite(t, testkit.SQLite(t))
	s.wantCheck(exitDone, "mail server: ok\n", "AIKAGI_SMTP=smtp://"+listener.Addr().String())
}

func TestCheckNamesACertificateThatBrowsersRefuse(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	s := newSite(t, testkit.SQLite(t))
	set := []string{"AIKAGI_TLS_CERT=" + cert, "AIKAGI_TLS_KEY=" + key}
	day := 24 * time.Hour
	for _, c := range []struct {
		name       string
		from, till time.Duration
		code       int
		want       string
	}{
		{"support.example.jp", -day, day, exitDone, "tls: ok\n"},
		{"support.example.jp", -2 * day, -day, exitFailed, "tls: FAULT: AIKAGI_TLS_CERT: the certificate expired at "},
		{"support.example.jp", day, 2 * day, exitFailed, "tls: FAULT: AIKAGI_TLS_CERT: the certificate is not valid before "},
		{"other.example.jp", -day, day, exitFailed, "tls: FAULT: AIKAGI_TLS_CERT: the certificate is not for support.example.jp, the host of AIKAGI_PUBLIC_URL\n"},
	} {
		tlsFiles(t, cert, key, selfSigned(t, c.name, time.Now().Add(c.from), time.Now().Add(c.till)))
		s.wantCheck(c.code, c.want, set...)
	}
}

func TestCheckWarnsOfSecretFilesThatEverybodyCanRead(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	folder := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		write(t, path, text)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var keys string
	environ := slices.DeleteFunc(slices.Clone(s.environ), func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		if name == "AIKAGI_KEYS" {
			keys = value
		}
		return name == "AIKAGI_KEYS"
	})
	for _, c := range []struct {
		mode  os.FileMode
		warns bool
	}{{0o600, false}, {0o640, false}, {0o644, true}} {
		secret, plain := file("keys", keys, c.mode), file("brand", "IMS", 0o644)
		toml := file("aikagi.toml", "redis = \"redis://"+strings.TrimPrefix(testRedis(t), "redis://")+"\"\n", c.mode)
		code, printed := runIn(t, append(environ, "AIKAGI_KEYS_FILE="+secret, "AIKAGI_BRAND_EN_FILE="+plain, "AIKAGI_CONFIG="+toml), "check")
		if code != exitDone || strings.Contains(printed, secret) != c.warns || strings.Contains(printed, toml) != c.warns || strings.Contains(printed, plain) {
			t.Errorf("mode %04o: got %d\n%s", c.mode, code, printed)
		}
	}
}

func TestCheckTellsAllFaultsAsOneJSONObject(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.mails.SetMode(sink.Mode{Refuse: 530, At: "mail"})
	var told struct {
		OK    bool      `json:"ok"`
		Parts []finding `json:"parts"`
	}
	p, out := s.program()
	p.environ = append(p.environ, "AIKAGI_REDIS=redis://127.0.0.1:1")
	p.stderr = io.Discard
	code := run(p, []string{"check", "--json"})
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	faulty := make(map[string]bool)
	for _, part := range told.Parts {
		faulty[part.Part] = len(part.Faults) > 0
	}
	if code != exitFailed || told.OK || !faulty["redis"] || !faulty["mail_server"] || faulty["database"] || len(told.Parts) != 7 {
		t.Errorf("got %d\n%s", code, out)
	}

	p, out = s.program()
	p.environ, p.stderr = []string{"AIKAGI_LOG_LEVEL=loud"}, io.Discard
	code = run(p, []string{"check", "--json"})
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if code != exitUsage || told.OK || len(told.Parts) != 1 || len(told.Parts[0].Faults) != 6 {
		t.Errorf("wrong settings: got %d\n%s", code, out)
	}
}
