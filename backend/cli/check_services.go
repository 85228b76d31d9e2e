package cli

import (
	"context"
	"errors"
	"os"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

// checkSecretFiles warns of files with secrets that every user of the machine can use.
func checkSecretFiles(reading config.Reading, f *finding) {
	for _, file := range reading.SecretFiles() {
		info, err := os.Stat(file.Path)
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o007 != 0 {
			f.warn("%s: every user of this machine can use the file %s (mode %04o); right would be the mode 0600",
				file.Setting, file.Path, info.Mode().Perm())
		}
	}
}

// checkDatabase checks the schema, the permissions and, if both are right, whether there is space for new rows. It leaves nothing
// behind.
func (p *program) checkDatabase(ctx context.Context, settings config.Settings, f *finding) {
	s, err := openExistingStore(settings.Database)
	if err != nil {
		f.fault(err)
		return
	}
	defer func() { f.fault(s.Close()) }()
	ready := s.Ready(ctx, p.now)
	f.fault(ready)
	if errors.Is(ready, store.ErrNotMigrated) || store.IsUnavailable(ready) {
		return
	}
	if ready != nil {
		if _, err := s.Version(ctx); err != nil {
			return // such as a refused login, which Inspect would report again
		}
	}
	warnings, err := s.Inspect(ctx)
	f.Warnings = append(f.Warnings, warnings...)
	if err == nil {
		err = s.TrySpace(ctx)
	}
	f.fault(err)
}

// isFileThere reports whether the database is an SQLite file that exists and is not empty.
func isFileThere(d config.Database) bool {
	info, err := os.Stat(d.Path)
	return d.Dialect == config.SQLite && err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// checkFile reads the whole of SQLite's file, because a copy may be cut off or made without its WAL.
func checkFile(ctx context.Context, settings config.Settings, f *finding) {
	s, err := openExistingStore(settings.Database)
	if err == nil {
		err = errors.Join(s.CheckIntegrity(ctx), s.Close())
	}
	if err != nil {
		f.fault(err)
		return
	}
	f.Note = "it is whole"
}

func (p *program) checkRedis(ctx context.Context, settings config.Settings, f *finding) {
	if !settings.Redis.IsSet() {
		f.Note = "none set: sessions and limits are kept in memory, right for one server only"
		return
	}
	redis := openRedis(settings.Redis)
	f.fault(newSessions(settings, redis, p.now).Ping(ctx))
	f.fault(redis.Close())
}

func checkMailServer(ctx context.Context, settings config.Settings, f *finding) {
	transport := newTransport(settings)
	warning, err := transport.Inspect(ctx)
	f.fault(err)
	f.Warnings = append(f.Warnings, linesOf(warning)...)
	f.fault(transport.Close())
}
