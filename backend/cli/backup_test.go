package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestABackupOfADatabaseInUseIsCompleteAndPrivate(t *testing.T) {
	t.Parallel()
	where := testkit.SQLite(t)
	s := newSite(t, where)
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		for b := s.browser(); ctx.Err() == nil; {
			b.call("POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress)
		}
	})
	for _, name := range []string{"a.db", "b.db"} {
		file := filepath.Join(folder, name)
		if code, printed := runIn(t, s.environ, "backup", file); code != exitDone {
			t.Fatalf("got %d: %s", code, printed)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got the mode %v, %v; want 0600", info.Mode(), err)
		}
		copied := store.Settings{Dialect: store.SQLite, Path: file}
		before := contentsOf(t, folder)
		code, printed := runIn(t, append(s.environ, "AIKAGI_DATABASE=sqlite:"+file), "check")
		if code != exitDone || !strings.Contains(printed, "database: ok\ndatabase file: ok, it is whole\n") {
			t.Errorf("the check of the copy: got %d\n%s", code, printed)
		}
		if after := contentsOf(t, folder); strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Errorf("looking at the copy changed %q to %q", before, after)
		}
		if got := oneNumber(t, copied, "SELECT COUNT(*) FROM members"); got != 2 {
			t.Errorf("the copy has %d members, want 2", got)
		}
	}
	cancel()
	asking.Wait()

	kept := contentsOf(t, folder)
	code, printed := runIn(t, s.environ, "backup", filepath.Join(folder, "a.db"))
	if code != exitFailed || !strings.Contains(printed, "a.db: there is a file of this name already") {
		t.Errorf("onto a file: got %d: %s", code, printed)
	}
	if after := contentsOf(t, folder); strings.Join(after, "\n") != strings.Join(kept, "\n") {
		t.Errorf("a refused backup changed %q to %q", kept, after)
	}
	if code, printed := runIn(t, s.environ, "backup", filepath.Join(folder, "nowhere", "a.db")); code != exitFailed || !strings.Contains(printed, "nowhere") {
		t.Errorf("into a folder that is not there: got %d: %s", code, printed)
	}
}

// The backup may be finished before it is cut off: there is a complete file or none.
func TestABackupThatIsCutOffLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	where := testkit.SQLite(t)
	s := newSite(t, where)
	execIn(t, where, "CREATE TABLE ballast AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT randomblob(1000000) AS x FROM n")
	folder := t.TempDir()
	file := filepath.Join(folder, "a.db")
	write(t, file+".partial", "left by a backup that was killed")
	for _, cut := range []func() bool{
		func() bool { return true },
		func() bool { info, err := os.Stat(file + ".partial"); return err == nil && info.Size() > 1<<20 },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		p, _ := s.program()
		p.ctx = ctx
		ended := make(chan int, 1)
		if cut() {
			cancel()
		}
		go func() { ended <- run(p, []string{"backup", file}) }()
		code := -1
		for code < 0 {
			select {
			case code = <-ended:
			default:
				if cut() {
					cancel()
				}
			}
		}
		cancel()
		if _, err := os.Stat(file); (err == nil) != (code == exitDone) {
			t.Errorf("ended with %d, and the file: %v", code, err)
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "*.partial*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
}

func TestABackupOfMySQLIsACommandThatAsksForThePassword(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "a copy.sql")
	environ := []string{"AIKAGI_DATABASE=mysql://aikagi:s3cret@db1,db2:3307/members"}
	code, printed := runIn(t, environ, "backup", file)
	if want := "--single-transaction --quick --no-tablespaces --host=db1 --port=3306 --user=aikagi --password members > '" + file + "')"; code != exitDone || !strings.Contains(printed, want) {
		t.Errorf("got %d: %s\nwant %s", code, printed, want)
	}
	if strings.Contains(printed, "s3cret") {
		t.Errorf("the password is printed: %s", printed)
	}
	_, command, _ := strings.Cut(printed, "\n")
	if said, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", command).CombinedOutput(); err != nil {
		t.Errorf("sh does not read %s: %s", command, said)
	}
	write(t, file, "")
	if code, printed := runIn(t, environ, "backup", file); code != exitFailed || !strings.Contains(printed, "there is a file of this name already") {
		t.Errorf("onto a file: got %d: %s", code, printed)
	}
}
