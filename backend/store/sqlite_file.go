package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"
)

// prepareSQLiteFile makes the file, readable by its owner alone whatever the umask says: it holds addresses and hashes.
// SQLite gives -wal and -shm the mode of the file. One that is there and readable by others, such as a copy of a backup,
// is closed to them where that is allowed.
//
// It opens no file that exists: closing it again would release the locks that this process holds on it (POSIX).
func prepareSQLiteFile(path string, mustExist bool) error {
	if mustExist {
		return wantSQLiteFile(path)
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

// wantSQLiteFile refuses a file that is not there or that nothing was ever written to.
func wantSQLiteFile(path string) error {
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

// others are the permissions of everybody but the owner.
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
		// What belongs to somebody else stays as it is; check warns of it.
		if err := os.Chmod(path+suffix, info.Mode().Perm()&^others); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// sqliteSuffixes are the endings of the files that make up one database.
var sqliteSuffixes = []string{"", "-wal", "-shm"}

// sqliteFileOpenToOthers returns a file of a database that others than its owner may read or write, or nothing.
func sqliteFileOpenToOthers(path string) string {
	for _, suffix := range sqliteSuffixes {
		if info, err := os.Stat(path + suffix); err == nil && info.Mode().Perm()&others != 0 {
			return path + suffix
		}
	}
	return ""
}

const (
	// walPatience is how long other processes may take to open a new file.
	walPatience = 5 * time.Second
	walPause    = 20 * time.Millisecond
)

// openSQLiteWriter opens the one connection that writes. The first process to open a new file turns it to WAL, and
// SQLite tells the others at once that it is busy, whatever busy_timeout says: they try again.
func openSQLiteWriter(path string) (db *gorm.DB, err error) {
	for waited := time.Duration(0); waited < walPatience; waited += walPause {
		if db, err = openSQLitePool(path, 1, "immediate"); !isSQLiteBusy(err) {
			break
		}
		time.Sleep(walPause)
	}
	return db, err
}
