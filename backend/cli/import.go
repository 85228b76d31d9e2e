package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

type importCommand struct {
	authored
	File         string            `arg:"" help:"CSV with the header login_id,basic_mail_address,password_hash,status; - is the standard input." type:"existingfile"`
	Column       map[string]string `help:"A column's heading in the file: --column login_id=会員ID." placeholder:"OURS=THEIRS"`
	IgnoreExtra  bool              `help:"Pass over other columns."`
	Encoding     string            `help:"utf-8 or shift_jis." enum:"utf-8,shift_jis" default:"utf-8" placeholder:"ENCODING"`
	Check        bool              `help:"Check the whole file and write nothing."`
	SkipBad      bool              `help:"Write the good lines even if there are bad ones."`
	VoidUnusable bool              `help:"Void members whose password hash cannot be used, instead of refusing the line."`
	Update       bool              `help:"Give members that are there the address and status of their line, instead of refusing it. An empty status changes nothing, and the password stays."`
	AsOf         string            `help:"With --update: when the data was right. Lines undo nothing that a command did later. By default the file's own time." placeholder:"TIME"`
	Yes          *int64            `help:"With --update: do not ask, if at most so many members would be changed." placeholder:"NUMBER"`
	JSON         bool              `name:"json" help:"Print what was done as one JSON object."`
}

// importSummary is what an import tells at its end. Counts are of lines, which are members.
type importSummary struct {
	Lines      int        `json:"lines"` // without the empty ones
	EmptyLines int        `json:"empty_lines"`
	BadLines   int        `json:"bad_lines"`
	New        int        `json:"new"`
	Unchanged  int        `json:"unchanged"`
	ToChange   int        `json:"to_change"`
	HeldBack   int        `json:"held_back"` // a later command made the member what it is; it may change otherwise
	AsOf       *time.Time `json:"as_of"`     // null without --update
	Written    bool       `json:"written"`   // false: nothing was
	Added      int        `json:"added"`
	Changed    int        `json:"changed"`
}

// Run checks the whole file first. With any bad line nothing is written, unless bad ones are to be skipped. An import
// that was cut off can be run again: what it has written is there already.
func (c importCommand) Run(p *program) (err error) {
	author, err := c.check(p)
	if err != nil {
		return err
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	file, err := p.openMembersFile(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	i := &importing{program: p, command: c, members: s.Members(), file: file, update: store.Update{Author: author}}
	if i.update.AsOf, err = c.asOf(file, p.now()); err != nil {
		return err
	}
	var summary importSummary
	err = i.run(&summary)
	if c.JSON && (err == nil || summary.Lines > 0) {
		err = errors.Join(json.NewEncoder(p.stdout).Encode(summary), err)
	}
	return err
}

func (c importCommand) name() string {
	if c.File == standardInputName {
		return "standard input"
	}
	return c.File
}

// check refuses flags that do not go together.
func (c importCommand) check(p *program) (member.Author, error) {
	switch {
	case !c.Update && c.AsOf != "":
		return member.Author{}, fmt.Errorf("%w: --as-of belongs to --update", errUsage)
	case !c.Update && c.Yes != nil:
		return member.Author{}, fmt.Errorf("%w: --yes belongs to --update", errUsage)
	case c.Yes != nil && *c.Yes < 0:
		return member.Author{}, fmt.Errorf("%w: --yes %d: right would be the most members that it may change", errUsage, *c.Yes)
	}
	if err := checkColumns(c.Column); err != nil {
		return member.Author{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	return c.author(p)
}

// asOf is when the data was right. It is not in the future: nobody knows what a later command will do.
func (c importCommand) asOf(file *membersFile, now time.Time) (time.Time, error) {
	at := file.modified
	switch {
	case !c.Update:
		return time.Time{}, nil
	case c.AsOf != "":
		var err error
		if at, err = parseSince(c.AsOf); err != nil {
			return at, fmt.Errorf("%w: --as-of: %w", errUsage, err)
		}
	case at.IsZero():
		return at, fmt.Errorf("%w: %s has no time of its own: --update needs --as-of TIME, when its data was right", errUsage, c.name())
	}
	if at.After(now) {
		at = now
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// importing is one run of the command.
type importing struct {
	*program
	command importCommand
	members *store.Members
	file    *membersFile
	update  store.Update
}

// run checks and writes, and fills in the summary as far as it came.
func (i *importing) run(summary *importSummary) error {
	check := &pass{importing: i, bad: make(map[int]bool), progress: i.progress("checked", "line", i.file.lines)}
	if err := check.run(); err != nil {
		return fmt.Errorf("%s: %w", i.command.name(), err)
	}
	*summary = importSummary{
		Lines: check.lines(), EmptyLines: check.empty, BadLines: len(check.bad), New: check.added, Unchanged: check.equal,
		ToChange: check.changed, HeldBack: check.heldBack,
	}
	if i.command.Update {
		summary.AsOf = &i.update.AsOf
	}
	i.tell("checked: %s, %d new, %d there already, %s%d bad, %s passed over\n", count(summary.Lines, "line"), check.added, check.equal,
		i.updates(check, "to change"), len(check.bad), count(check.empty, "empty line"))
	switch {
	case len(check.bad) > 0 && (i.command.Check || !i.command.SkipBad):
		return fmt.Errorf("%s; nothing was written", count(len(check.bad), "bad line"))
	case i.command.Check:
		return nil
	}
	allowed, err := i.allow(check.changed)
	if err != nil {
		return err
	}
	write := &pass{
		importing: i, bad: make(map[int]bool), write: true, skip: check.bad, limit: allowed,
		progress: i.progress("written", "line", i.file.lines),
	}
	err = write.run()
	summary.Written, summary.Added, summary.Changed = true, write.added, write.changed
	if err != nil {
		done := count(write.added, "member") + " added"
		if i.command.Update {
			done += " and " + count(write.changed, "member") + " changed"
		}
		return fmt.Errorf("%s: after %s: %w; run it again to go on", i.command.name(), done, err)
	}
	i.tell("imported: %d added, %d there already, %s%s left out, %s passed over\n", write.added, write.equal, i.updates(write, "changed"),
		count(len(check.bad), "bad line"), count(write.empty, "empty line"))
	return nil
}

// tell prints for people.
func (i *importing) tell(format string, values ...any) {
	if !i.command.JSON {
		fmt.Fprintf(i.stdout, format, values...)
	}
}

// updates says what --update does, as a part of a sentence.
func (i *importing) updates(p *pass, changed string) string {
	if !i.command.Update {
		return ""
	}
	return fmt.Sprintf("%d %s, %d held back because of later commands, ", p.changed, changed, p.heldBack)
}

// allow asks whether so many members may be changed, and returns how many may. Nobody can be asked when the file comes
// over the standard input.
func (i *importing) allow(changes int) (int, error) {
	if changes == 0 && i.command.Yes == nil {
		return 0, nil
	}
	asking := *i.program
	asking.stdin.terminal = asking.stdin.terminal && i.command.File != standardInputName
	if err := asking.confirm("change", int64(changes), i.command.Yes); err != nil {
		return 0, err
	}
	if i.command.Yes != nil {
		return int(*i.command.Yes), nil
	}
	return changes, nil
}
