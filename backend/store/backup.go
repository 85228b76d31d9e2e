package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrFileExists is returned when a backup would replace a file.
var ErrFileExists = errors.New("there is a file of this name already; name another one")

// Backup writes a copy of an SQLite database to a new file that only its owner can read. The database may be in use.
// The copy is named path.partial until it is complete, checked and on the disk. If Backup fails, it deletes the copy.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	partial := path + ".partial"
	if err := makePartial(path, partial); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeCopy(partial)) }()
	if err := s.q.read.WithContext(ctx).Exec("VACUUM INTO ?", partial).Error; err != nil {
		return fmt.Errorf("copy to %s: %w", partial, explainSQLite(err))
	}
	if err := finishCopy(ctx, partial); err != nil {
		return fmt.Errorf("read the copy %s: %w", partial, explainSQLite(err))
	}
	if err := syncFile(partial); err != nil {
		return err
	}
	if err := moveTo(partial, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// removeCopy removes those files of a copy that exist. On a full disk SQLite leaves its journal.
func removeCopy(path string) (err error) {
	for _, suffix := range append([]string{"-journal"}, sqliteSuffixes...) {
		if failed := os.Remove(path + suffix); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// makePartial makes the empty file for the copy. It replaces one that a killed backup has left.
func makePartial(path, partial string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, ErrFileExists)
	}
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	return file.Close()
}

// finishCopy sets the journal mode that every database of this program has, so that reading the copy later does not
// change it, and checks the copy.
func finishCopy(ctx context.Context, path string) (err error) {
	copied, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	copied.SetMaxOpenConns(1)
	if _, err := copied.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	var found string
	if err := copied.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return errors.New("it is not whole: " + found)
	}
	return nil
}

// syncFile waits until a file, or the entries of a folder, are on the disk.
func syncFile(path string) error {
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// moveTo renames the copy. It replaces no file that somebody has made meanwhile, except on file systems without hard
// links, where that cannot be checked.
func moveTo(partial, path string) error {
	err := os.Link(partial, path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: %w", path, ErrFileExists)
	}
	if err != nil {
		err = os.Rename(partial, path)
	}
	return err
}
