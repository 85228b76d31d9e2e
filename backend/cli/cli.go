// Package cli holds the commands and the wiring: it alone imports every package, reads the clock and the environment, and
// turns errors into words for the operator and an exit code.
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

	"github.com/alecthomas/kong"

	"aikagi/backend/config"
	"aikagi/backend/store"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // the command could not do, or could not wholly do, what it was told
	exitUsage  = 2 // the command line or the settings are wrong; nothing was done
)

type commands struct {
	Config string `help:"TOML file with settings; the environment wins." type:"path" placeholder:"FILE"`

	Serve   serveCommand   `cmd:"" help:"Serve members, and deliver letters."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's tables to this version."`
	Check   checkCommand   `cmd:"" help:"Check settings, database, Redis, mail server, certificate and the DNS of the sender, and tell all faults at once."`
	Backup  backupCommand  `cmd:"" help:"Copy an SQLite database while it is in use, or print the command that copies one on MySQL."`
	Members membersCommand `cmd:"" help:"Import, look at and change members."`
	Breach  breachCommand  `cmd:"" help:"After a leak: void the passwords of many members, and tell each by mail."`
	Letters lettersCommand `cmd:"" help:"List letters, or send a failed one again."`
	Keys    struct {
		New keysNewCommand `cmd:"" help:"Print a new key as one name:base64 line for AIKAGI_KEYS."`
	} `cmd:"" help:"Make keys."`
	Mail struct {
		Preview mailPreviewCommand `cmd:"" help:"Write every letter, with example data, into a folder."`
		Test    mailTestCommand    `cmd:"" help:"Send one letter, with example data, to an address."`
	} `cmd:"" help:"Look at letters and try how they are delivered."`
	Settings   settingsCommand   `cmd:"" help:"Print all settings with their defaults."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// program is what every command runs in.
type program struct {
	ctx            context.Context //nolint:containedctx // ends with the process: one command is one call
	hurry          context.Context //nolint:containedctx // ends when the process is told a second time to end
	app            fs.FS           // the built pages
	stdin          input
	stdout, stderr io.Writer
	environ        []string
	configFile     string
	now            func() time.Time
	resolver       txtResolver // nil for the system's
}

// Run runs one command and returns the exit code.
func Run(args []string, app fs.FS, stdout, stderr io.Writer) int {
	p, release := newProgram(app, stdout, stderr)
	defer release()
	return run(p, args)
}

func newProgram(app fs.FS, stdout, stderr io.Writer) (*program, context.CancelFunc) {
	ctx, hurry, release := interrupts()
	now := func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	return &program{ctx, hurry, app, standardInput(), stdout, stderr, os.Environ(), "", now, nil}, release
}

// exited carries kong's wish to end, after --help, past its parser.
type exited int

// newParser makes the parser of the command line. It panics with exited to end the program.
func newParser(grammar *commands, stdout, stderr io.Writer) *kong.Kong {
	parser, err := kong.New(grammar,
		kong.Name("aikagi"),
		kong.Description("A member recovers the member support password alone. Settings: aikagi settings."),
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(code int) { panic(exited(code)) }),
	)
	if err != nil {
		panic(err) // the grammar above is wrong
	}
	return parser
}

func run(p *program, args []string) (code int) {
	var grammar commands
	parser := newParser(&grammar, p.stdout, p.stderr)
	defer func() {
		if ended := recover(); ended != nil {
			wished, is := ended.(exited)
			if !is {
				panic(ended)
			}
			code = int(wished)
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(p.stderr, "aikagi: %s\nRun aikagi --help, or aikagi COMMAND --help.\n", parserFault(err))
		return exitUsage
	}
	p.configFile = grammar.Config
	return p.report(parsed.Run(p))
}

// parserFault says what is wrong with a command line in an operator's words.
func parserFault(err error) string {
	if missing := (*fs.PathError)(nil); errors.As(err, &missing) {
		return missing.Path + ": " + missing.Err.Error()
	}
	return strings.ReplaceAll(err.Error(), "a valid 64 bit int", "a whole number")
}

// report says what went wrong, once.
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
	case errors.Is(err, errUsage):
		fmt.Fprintf(p.stderr, "aikagi: %s\n", strings.Join(linesOf(err), "\n"))
		return exitUsage
	}
	fmt.Fprintf(p.stderr, "aikagi: %s\n", strings.Join(linesOf(err), "\n"))
	return exitFailed
}

// errLogged and errMistakesLogged say that the log has told what went wrong, in its format.
var (
	errLogged         = errors.New("told in the log")
	errMistakesLogged = errors.New("the mistakes in the settings are told in the log")
)

// errUsage marks a command line that is wrong in a way that the parser cannot see.
var errUsage = errors.New("wrong command line")

// load reads the settings that a command needs.
func (p *program) load(needs config.Needs) (config.Settings, error) {
	return config.Load(p.args(needs))
}

func (p *program) args(needs config.Needs) config.Args {
	return config.Args{Environ: p.environ, File: p.configFile, Needs: needs}
}

// openStore opens the database of the settings for a command that works on it, and says so when it cannot be used.
func (p *program) openStore() (*store.Store, error) {
	settings, err := p.load(config.Needs{Database: true})
	if err != nil {
		return nil, err
	}
	where := storeSettings(settings.Database)
	where.MustExist = true
	s, err := store.Open(where, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := s.Ready(p.ctx, p.now); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
