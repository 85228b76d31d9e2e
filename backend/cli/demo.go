package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/secret"
	"aikagi/backend/store"
)

// The demo's member. demoHash is the hash of demoPassword.
const (
	demoLoginID     = member.LoginID("abcd")
	demoMailAddress = member.MailAddress("abcd@xxx.mm-m.ne.jp")
	demoPassword    = "Demo-pass9"
	demoHash        = "$argon2id$v=19$m=19456,t=2,p=1$n1tOF//N1mqYKjQGhBTG9Q$+kpXQ3JBojqQo/VuKrfQ95Xq4/tz9HhcoTcuPhC+tJU"
)

// demo holds the settings and the folder of a demo. Each demo starts with an empty database, unless the last one was killed
// while work was left: then the next demo finishes that work, because an accepted request is never lost.
type demo struct {
	reading config.Reading
	folder  string
	lock    *os.File // nil if the folder is a new one
}

func openDemo(p *program) (*demo, error) {
	d := &demo{}
	if err := d.takeFolder(); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if err := d.open(p); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// path returns the path of the database that is used if the settings name none.
func (d *demo) path() string { return filepath.Join(d.folder, "demo.db") }

func (d *demo) open(p *program) error {
	path := d.path()
	if err := d.clean(p.ctx, path); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	// The key's file is beside the database, whose path is known only after the settings are read. So they are read twice.
	key, err := recovery.GenerateKey("demo")
	if err != nil {
		return err
	}
	if d.reading, err = p.readDemo(path, key.Reveal()); err != nil {
		return err
	}
	kept, err := keepKey(d.reading.Settings.Database.Path+".key", key)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	d.reading, err = p.readDemo(path, kept)
	return err
}

func (p *program) readDemo(path, key string) (config.Reading, error) {
	return config.Read(config.Args{
		Environ: p.environ, File: p.configFile,
		Demo: &config.Demo{Path: path, Keys: secret.New(key)},
	})
}

// takeFolder takes the folder that the demos of this user share. If it cannot lock that one, it creates a new one.
func (d *demo) takeFolder() error {
	folder := filepath.Join(os.TempDir(), "aikagi-demo-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if isOurs(folder) {
		if lock, err := tryLock(filepath.Join(folder, "lock")); err == nil && lock != nil {
			d.folder, d.lock = folder, lock
			return nil
		}
	}
	folder, err := os.MkdirTemp("", "aikagi-demo-")
	d.folder = folder
	return err
}

// isOurs reports whether this user owns the folder alone. Another user may have created one with the same name.
func isOurs(folder string) bool {
	info, err := os.Lstat(folder)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	return known && int(owner.Uid) == os.Getuid()
}

// clean deletes the database, unless work is left in it. It also deletes one that cannot be read.
func (d *demo) clean(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s, err := store.Open(store.Settings{Dialect: store.SQLite, Path: path}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	hasWork, err := s.Members().HasWork(ctx)
	if closeErr := s.Close(); closeErr != nil {
		return closeErr
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if hasWork && err == nil {
		return nil
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".key"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// close deletes the folder, unless work is left in the database.
func (d *demo) close() {
	path := d.path()
	if d.clean(context.Background(), path) == nil {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			_ = os.RemoveAll(d.folder)
		}
	}
	if d.lock != nil {
		_ = d.lock.Close()
	}
}

// keepKey stores the key, or returns the one that is stored already.
func keepKey(path string, key recovery.Key) (string, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the database that the operator named
	if errors.Is(err, fs.ErrExist) {
		kept, err := os.ReadFile(path) //nolint:gosec // as above
		return string(kept), err
	}
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(key.Reveal())
	return key.Reveal(), errors.Join(err, file.Close())
}

// enrolDemoMember adds the demo's member, if it does not exist.
func enrolDemoMember(ctx context.Context, s *store.Store, now time.Time) error {
	found, err := s.Members().MembersNamed(ctx, []member.LoginID{demoLoginID})
	if err != nil || len(found) > 0 {
		return err
	}
	return s.Members().AddMembers(ctx, []member.Member{{
		LoginID: demoLoginID, MailAddress: demoMailAddress, Status: member.Active,
		PasswordHash: demoHash, PasswordVersion: 1, CreatedAt: now,
	}})
}

// printDemo prints how to use the demo.
func (s *server) printDemo(out io.Writer) {
	address := string(s.settings.PublicURL)
	_, _ = fmt.Fprintf(out, `
  Aikagi demo

  Address    %s
  Member     login ID %s
             basic mail address %s
             password %s
  Mailbox    %s/demo/mailbox

  Stop with Ctrl+C.

`, address, demoLoginID, demoMailAddress, demoPassword, address)
}
