// Package cli is the command line of aikagi: it parses the arguments, connects the other packages and runs one command.
//
// [Run] is the whole program. It parses the arguments into the struct commands with kong, which calls the Run method of the
// chosen command. That method gets a program: the streams, the environment and the clock that all commands share. It
// returns an error; program.report prints the error and chooses the exit code. This is the only package that imports all
// others, that calls time.Now, and that reads the environment.
//
// aikagi serve is the largest command. Read these files in this order:
//
//   - serve.go: the command. It reads the settings, starts a server and waits for a signal.
//   - server.go: start opens the listeners and the database, builds the services, and starts the workers.
//   - services.go: the services of the other packages, each built as one complete value.
//   - wiring*.go: how the settings become the settings of each package.
//   - stop.go: the end: first the requests, then the workers, then the connections.
//
// The other commands have a file each, named after the command: breach_begin.go is aikagi breach begin. Commands on
// members open the database with program.withStore. Commands that change a member embed authorFlags, so that the change
// is kept together with the operator's name and reason. Commands on many members ask for the number first (confirm.go).
//
// aikagi check and aikagi serve read the same settings and connect through the same functions of wiring.go, so that what
// check finds holds for the server.
package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // the command failed, or did only a part of its work
	exitUsage  = 2 // the arguments or the settings are wrong; nothing was done
)

// commands is the grammar of the command line.
type commands struct {
	Config string `help:"TOML file with settings; the environment wins." type:"path" placeholder:"FILE"`

	Serve   serveCommand   `cmd:"" help:"Serve members, and deliver letters."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's tables to this version."`
	Check   checkCommand   `cmd:"" help:"Check settings, database, Redis, mail server, certificate and the DNS of the sender, and print all faults at once."`
	Backup  backupCommand  `cmd:"" help:"Copy an SQLite database while it is in use, or print the command that copies one on MySQL."`
	Members membersCommand `cmd:"" help:"Import, look at and change members."`
	Breach  breachCommand  `cmd:"" help:"After a leak: void the passwords of many members, and notify each by mail."`
	Letters lettersCommand `cmd:"" help:"List letters, or send a failed one again."`
	Keys    struct {
		New keysNewCommand `cmd:"" help:"Print a new key as one name:base64 line for AIKAGI_KEYS."`
	} `cmd:"" help:"Make keys."`
	Mail struct {
		Preview mailPreviewCommand `cmd:"" help:"Write every letter, with example data, into a folder."`
		Test    mailTestCommand    `cmd:"" help:"Send one letter, with example data, to an address."`
	} `cmd:"" help:"Show example letters and test their delivery."`
	Settings   settingsCommand   `cmd:"" help:"Print all settings with their defaults."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// Run runs the command that the arguments name and returns the exit code. The built pages are in app.
func Run(args []string, app fs.FS, stdout, stderr io.Writer) int {
	p, release := newProgram(app, stdout, stderr)
	defer release()
	return run(p, args)
}

// exitRequest is the value that newParser's parser panics with when it wants to end the program, after --help.
type exitRequest int

// newParser returns the parser of the command line. It panics with an exitRequest to end the program.
func newParser(grammar *commands, stdout, stderr io.Writer) *kong.Kong {
	parser, err := kong.New(grammar,
		kong.Name("aikagi"),
		kong.Description("A member recovers the member support password alone. Settings: aikagi settings."),
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(printHelp),
		kong.Exit(func(code int) { panic(exitRequest(code)) }),
	)
	if err != nil {
		panic(err) // the struct tags of commands are wrong
	}
	return parser
}

// printHelp prints the help of a command. If the command has a default command, as letters has, the help also lists the flags
// of that one. printHelp may change the grammar, because the program ends afterwards.
func printHelp(options kong.HelpOptions, parsed *kong.Context) error {
	if selected := parsed.Selected(); selected != nil && selected.DefaultCmd != nil {
		selected.Flags = append(selected.Flags, selected.DefaultCmd.Flags...)
	}
	return kong.DefaultHelpPrinter(options, parsed)
}

func run(p *program, args []string) (code int) {
	var grammar commands
	parser := newParser(&grammar, p.stdout, p.stderr)
	defer func() {
		if recovered := recover(); recovered != nil {
			request, is := recovered.(exitRequest)
			if !is {
				panic(recovered)
			}
			code = int(request)
		}
	}()
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "--version":
		args = []string{"version"}
	}
	var parsed *kong.Context
	err := checkArguments(args, parser.Model.Node)
	if err == nil {
		parsed, err = parser.Parse(args)
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "aikagi: %s\nRun aikagi --help, or aikagi COMMAND --help.\n", parserMessage(err))
		return exitUsage
	}
	p.configFile = grammar.Config
	return p.report(parsed.Run(p))
}

// parserMessage returns what is wrong with a command line, in words that an operator knows.
func parserMessage(err error) string {
	if missing := (*fs.PathError)(nil); errors.As(err, &missing) {
		return missing.Path + ": " + missing.Err.Error()
	}
	return strings.ReplaceAll(err.Error(), "a valid 64 bit int", "a whole number")
}
