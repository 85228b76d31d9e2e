package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

// program is the environment of one command. newProgram takes it from the process; tests build their own.
type program struct {
	ctx            context.Context //nolint:containedctx // ends with the first signal; a process runs one command
	skipDelay      context.Context //nolint:containedctx // ends with the second signal: serve then skips STOP_DELAY
	app            fs.FS           // the built pages
	stdin          input
	stdout, stderr io.Writer
	environ        []string
	configFile     string
	now            func() time.Time
	resolver       txtResolver // nil for the system's resolver
}

func newProgram(app fs.FS, stdout, stderr io.Writer) (*program, context.CancelFunc) {
	ctx, skipDelay, release := interrupts()
	return &program{
		ctx: ctx, skipDelay: skipDelay, app: app, stdin: standardInput(), stdout: stdout, stderr: stderr, environ: os.Environ(),
		now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
	}, release
}

// The errors that report treats specially.
var (
	// errLogged and errMistakesLogged mean that the cause is in the log already, in its format.
	errLogged         = errors.New("told in the log")
	errMistakesLogged = errors.New("the mistakes in the settings are told in the log")
	// errUsage marks wrong arguments that the parser cannot find.
	errUsage = errors.New("wrong command line")
)

// report prints the error, unless it was logged, and returns the exit code.
func (p *program) report(err error) int {
	var mistakes *config.MistakesError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errLogged):
		return exitFailed
	case errors.Is(err, errMistakesLogged):
		return exitUsage
	case errors.As(err, &mistakes):
		fmt.Fprintln(p.stderr, mistakes.Error())
		return exitUsage
	}
	text := strings.Join(linesOf(err), "\n")
	if errors.Is(err, context.Canceled) { // by a signal
		text = strings.ReplaceAll(text, context.Canceled.Error(), "cancelled")
	}
	fmt.Fprintf(p.stderr, "aikagi: %s\n", text)
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}

// load reads the settings that a command needs.
func (p *program) load(needs config.Needs) (config.Settings, error) {
	return config.Load(p.args(needs))
}

func (p *program) args(needs config.Needs) config.Args {
	return config.Args{Environ: p.environ, File: p.configFile, Needs: needs}
}

// withStore opens the database of the settings, calls use, and closes the database. It does not call use if the database
// cannot be used.
func (p *program) withStore(use func(*store.Store) error) (err error) {
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return err
	}
	s, err := openExistingStore(settings.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Ready(p.ctx, p.now); err != nil {
		return err
	}
	return use(s)
}

// openExistingStore opens a database for a command. Unlike serve and migrate it does not create SQLite's file.
func openExistingStore(database config.Database) (*store.Store, error) {
	settings := storeSettings(database)
	settings.MustExist = true
	return store.Open(settings, slog.New(slog.DiscardHandler))
}
