package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

type backupCommand struct {
	File string `arg:"" help:"The new file. An existing file is refused." type:"path"`
}

// Run copies an SQLite file, even while a server uses it or before it is migrated. For MySQL it prints a command that
// copies the database.
func (c backupCommand) Run(p *program) (err error) {
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return err
	}
	if settings.Database.Dialect == config.MySQL {
		return c.printCommand(p, settings.Database)
	}
	s, err := openExistingStore(settings.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Backup(p.ctx, c.File); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	fmt.Fprintf(p.stdout, "copied to %s; %s aikagi check says whether it is whole\n", c.File, p.withDatabase("sqlite:"+c.File))
	return nil
}

// withDatabase returns the beginning of a shell command that uses another database, and otherwise the same settings.
func (p *program) withDatabase(address string) string {
	set := "AIKAGI_DATABASE=" + forShell(address)
	isFile := func(entry string) bool {
		path, is := strings.CutPrefix(entry, "AIKAGI_DATABASE_FILE=")
		return is && path != ""
	}
	if slices.ContainsFunc(p.environ, isFile) {
		return "env -u AIKAGI_DATABASE_FILE " + set
	}
	return set
}

// printCommand prints a shell command that asks for the password and does not overwrite a file.
func (c backupCommand) printCommand(p *program, database config.Database) error {
	if _, err := os.Lstat(c.File); err == nil {
		return fmt.Errorf("backup: %s: %w", c.File, store.ErrFileExists)
	}
	if _, err := os.Stat(filepath.Dir(c.File)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	host, port, err := net.SplitHostPort(database.Hosts[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stderr, "The database is on MySQL. This command copies it while it is in use and asks for the password (MariaDB: mariadb-dump):")
	fmt.Fprintf(p.stdout, "(umask 077; set -C; mysqldump --single-transaction --quick --no-tablespaces --host=%s --port=%s --user=%s --password %s > %s)\n",
		forShell(host), port, forShell(database.User), forShell(database.Name), forShell(c.File))
	return nil
}

// forShell quotes a word for sh, unless it needs no quotes.
func forShell(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./:@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
