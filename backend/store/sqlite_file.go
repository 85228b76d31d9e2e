package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"gorm.io/gorm"
)

// prepareSQLiteFile makes the file if it does not exist. Only its owner can read it, whatever the umask is, because it
// holds addresses and hashes. SQLite gives -wal and -shm the same mode. If the file exists and others can read it, such
// as a copy of a backup, it removes their permissions if that is allowed.
//
// It opens no existing file: closing it would release the locks that this process has on it (POSIX).
func prepareSQLiteFile(path string, mustExist bool) error {
	if mustExist {
		return checkSQLiteFile(path)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the operator's own
	switch {
	case err == nil:
		return file.Close()
	case errors.Is(err, fs.ErrExist):
		return closeToOthers(path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: the folder %s is not there; make it, or name another path", path, filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: this user may not write in the folder %s; SQLite also needs to make files beside the database", path, filepath.Dir(path))
	}
	return err
}

// checkSQLiteFile returns an error if the file does not exist or is empty.
func checkSQLiteFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w (there is no file %s)", ErrNotMigrated, path)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder; name a file", path)
	case info.Size() == 0:
		return fmt.Errorf("%w (the file %s is empty)", ErrNotMigrated, path)
	}
	return nil
}

// others are the permissions of everybody except the owner.
const others fs.FileMode = 0o077

func closeToOthers(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file", path)
	}
	for _, suffix := range sqliteSuffixes {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm()&others == 0 {
			continue
		}
		// A file of another user stays as it is; the check command warns.
		if err := os.Chmod(path+suffix, info.Mode().Perm()&^others); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// sqliteSuffixes are the suffixes of the files of one database.
var sqliteSuffixes = []string{"", "-wal", "-shm"}

// sqliteFileOpenToOthers returns the first file of a database that others may read or write; empty if there is none.
func sqliteFileOpenToOthers(path string) string {
	for _, suffix := range sqliteSuffixes {
		if info, err := os.Stat(path + suffix); err == nil && info.Mode().Perm()&others != 0 {
			return path + suffix
		}
	}
	return ""
}

// trialBytes is how much trySpaceBeside writes: as much as the write-ahead log of SQLite grows by in some hundred commits.
const trialBytes = 1 << 20

// trySpaceBeside writes a file of trialBytes in the folder of the database at path, where SQLite has its write-ahead log too.
func trySpaceBeside(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	err = writeBeside(path)
	var failed *fs.PathError
	if errors.As(err, &failed) { // the file's name tells nothing
		err = failed.Err
	}
	if err != nil {
		return fmt.Errorf("a file of %d KiB cannot be written in the folder %s: %w", trialBytes>>10, filepath.Dir(path), err)
	}
	return nil
}

// writeBeside removes the file's name before it writes, so that no space stays in use, however the program ends. A kill between the
// two leaves an empty file.
func writeBeside(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".check-*")
	if err != nil {
		return err
	}
	if err = os.Remove(file.Name()); err == nil {
		_, err = file.Write(make([]byte, trialBytes))
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// isNoFileSpace reports whether a file cannot grow: the disk, the user's quota or the largest size of a file is used up.
func isNoFileSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

const (
	// walTimeout bounds how long other processes may take to open a new file.
	walTimeout = 5 * time.Second
	walPause   = 20 * time.Millisecond
)

// openSQLiteWriter opens the connection that writes. The first process to open a new file switches it to WAL; meanwhile
// SQLite reports busy at once, whatever busy_timeout says, so the others retry.
func openSQLiteWriter(path string) (db *gorm.DB, err error) {
	for waited := time.Duration(0); waited < walTimeout; waited += walPause {
		if db, err = openSQLitePool(path, 1, "immediate"); !isSQLiteBusy(err) {
			break
		}
		time.Sleep(walPause)
	}
	return db, err
}
