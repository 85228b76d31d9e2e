package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"aikagi/backend/config"
)

const (
	// checkTimeout bounds the check of each part except the mail server and the file.
	checkTimeout = 10 * time.Second
	// mailCheckTimeout bounds a check of the mail server. It is longer, because many servers let a new client wait for the
	// greeting, and letters have five minutes for everything before DATA. Such a delay must not be called a fault.
	mailCheckTimeout = time.Minute
	// fileTimeout bounds reading the whole of an SQLite file.
	fileTimeout = 30 * time.Minute
)

type checkCommand struct {
	JSON bool `name:"json" help:"One JSON object instead of text."`
}

// finding is the result of the check of one part. Its JSON is stable.
type finding struct {
	Part     string   `json:"part"`
	OK       bool     `json:"ok"` // no fault; there may be warnings
	Note     string   `json:"note,omitempty"`
	Faults   []string `json:"faults"`
	Warnings []string `json:"warnings"`
	Publish  []string `json:"publish,omitempty"` // lines for the zone of the sender's domain
}

// fault adds each of the errors that err joins.
func (f *finding) fault(err error) {
	f.Faults = append(f.Faults, linesOf(err)...)
}

func (f *finding) warn(format string, values ...any) {
	f.Warnings = append(f.Warnings, fmt.Sprintf(format, values...))
}

// Run checks everything and prints all faults. It changes nothing, except one Redis key that expires.
func (c checkCommand) Run(p *program) error {
	reading, err := config.Read(p.args(config.All()))
	var mistaken *config.MistakesError
	if c.JSON && errors.As(err, &mistaken) {
		wrong := finding{Part: "settings", Faults: []string{}, Warnings: []string{}}
		for _, mistake := range mistaken.Mistakes {
			wrong.Faults = append(wrong.Faults, mistake.String())
		}
		return errors.Join(err, p.printFindingsJSON([]finding{wrong}))
	}
	if err != nil {
		return err // nothing else can be checked without the settings
	}
	findings := p.check(reading)
	if c.JSON {
		err = p.printFindingsJSON(findings)
	} else {
		p.printFindings(findings)
	}
	faults := 0
	for _, found := range findings {
		faults += len(found.Faults)
	}
	if faults > 0 {
		return errors.Join(err, errors.New(count(faults, "fault")))
	}
	return err
}

// check checks each part within its own deadline.
func (p *program) check(reading config.Reading) (findings []finding) {
	settings := reading.Settings
	for _, part := range []struct {
		name   string
		within time.Duration
		check  func(context.Context, *finding)
	}{
		{"settings", checkTimeout, func(_ context.Context, f *finding) { checkSecretFiles(reading, f) }},
		{"database", checkTimeout, func(ctx context.Context, f *finding) { p.checkDatabase(ctx, settings, f) }},
		{"database file", fileTimeout, func(ctx context.Context, f *finding) { checkFile(ctx, settings, f) }},
		{"redis", checkTimeout, func(ctx context.Context, f *finding) { p.checkRedis(ctx, settings, f) }},
		{"mail server", mailCheckTimeout, func(ctx context.Context, f *finding) { checkMailServer(ctx, settings, f) }},
		{"tls", checkTimeout, func(ctx context.Context, f *finding) { checkTLS(ctx, settings, p.now(), f) }},
		{"dns", checkTimeout, func(ctx context.Context, f *finding) { p.checkDNS(ctx, settings, f) }},
	} {
		if part.name == "database file" && !isFileThere(settings.Database) {
			continue // the check of the database reports a missing file
		}
		ctx, cancel := context.WithTimeout(p.ctx, part.within)
		found := finding{Part: part.name, Faults: []string{}, Warnings: []string{}}
		part.check(ctx, &found)
		cancel()
		found.OK = len(found.Faults) == 0
		findings = append(findings, found)
	}
	return findings
}

func (p *program) printFindings(findings []finding) {
	for _, found := range findings {
		says := []string{"ok"}
		if !found.OK {
			says = []string{"FAULT: " + strings.Join(found.Faults, "; ")}
		} else if found.Note != "" {
			says[0] += ", " + found.Note
		}
		for _, warning := range found.Warnings {
			says = append(says, "WARNING: "+warning)
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", found.Part, strings.Join(says, "; "))
		for _, line := range found.Publish {
			fmt.Fprintf(p.stdout, "  to publish: %s\n", line)
		}
	}
}

func (p *program) printFindingsJSON(findings []finding) error {
	ok := true
	for i := range findings {
		ok = ok && findings[i].OK
		findings[i].Part = strings.ReplaceAll(findings[i].Part, " ", "_")
	}
	return p.printJSON(struct {
		OK    bool      `json:"ok"`
		Parts []finding `json:"parts"`
	}{ok, findings})
}
