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
	authorFlags
	File         string            `arg:"" help:"CSV with the header login_id,basic_mail_address,password_hash,status; - is the standard input." type:"existingfile"`
	Column       map[string]string `help:"A column's heading in the file: --column login_id=会員ID." placeholder:"OURS=THEIRS"`
	IgnoreExtra  bool              `help:"Ignore other columns."`
	Encoding     string            `help:"utf-8 or shift_jis." enum:"utf-8,shift_jis" default:"utf-8" placeholder:"ENCODING"`
	Check        bool              `help:"Check the whole file and write nothing."`
	SkipBad      bool              `help:"Write the good lines even if there are bad ones."`
	VoidUnusable bool              `help:"Void members whose password hash cannot be used, instead of refusing the line."`
	Update       bool              `help:"Change existing members to the address and status of their line, instead of refusing the line. An empty status changes nothing, and the password stays."`
	AsOf         string            `help:"With --update: the time at which the data was right. A line does not undo what a command did later. By default the time of the file." placeholder:"TIME"`
	Yes          *int64            `help:"With --update: do not ask, if no more members than this number would be changed." placeholder:"NUMBER"`
	JSON         bool              `name:"json" help:"Print what was done as one JSON object."`
}

// Run checks the whole file first. If a line is bad it writes nothing, unless --skip-bad is set. An import that was cut off
// can be run again: it leaves the members that it has written already.
func (c importCommand) Run(p *program) error {
	author, err := c.check(p)
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) (err error) {
		file, err := p.openMembersFile(c.File)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		asOf, err := c.asOf(file, p.now())
		if err != nil {
			return err
		}
		run := &importRun{
			program: p, command: c, members: s.Members(), file: file, update: store.Update{Author: author, AsOf: asOf},
		}
		err = run.run()
		if c.JSON && (err == nil || run.summary.Lines > 0) {
			err = errors.Join(json.NewEncoder(p.stdout).Encode(run.summary), err)
		}
		return err
	})
}

// check refuses flags that do not go together.
func (c importCommand) check(p *program) (member.Author, error) {
	switch {
	case !c.Update && c.AsOf != "":
		return member.Author{}, fmt.Errorf("%w: --as-of belongs to --update", errUsage)
	case !c.Update && c.Yes != nil:
		return member.Author{}, fmt.Errorf("%w: --yes belongs to --update", errUsage)
	}
	if err := checkYes(c.Yes); err != nil {
		return member.Author{}, err
	}
	if err := checkColumns(c.Column); err != nil {
		return member.Author{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	return c.author(p)
}

// asOf returns the time at which the data was right. A time in the future is an error: the lines would undo what commands have
// just done. A file whose time is ahead by at most [store.MaxClockDifference] counts as written now.
func (c importCommand) asOf(file *membersFile, now time.Time) (time.Time, error) {
	at := file.modified
	switch {
	case !c.Update:
		return time.Time{}, nil
	case c.AsOf != "":
		var err error
		if at, err = parseTime(c.AsOf); err != nil {
			return at, fmt.Errorf("%w: --as-of: %w", errUsage, err)
		}
		if at.After(now) {
			return at, fmt.Errorf("%w: --as-of %s is in the future; right would be a time in the past; nothing was written", errUsage, c.AsOf)
		}
	case at.IsZero():
		return at, fmt.Errorf("%w: %s has no time of its own: --update needs --as-of TIME, the time at which its data was right", errUsage, fileName(c.File))
	case at.After(now.Add(store.MaxClockDifference)):
		return at, fmt.Errorf("%w: the time of %s is in the future (%s); right would be --as-of TIME, the time at which its data was right; nothing was written",
			errUsage, fileName(c.File), inJapan(at))
	}
	if at.After(now) {
		at = now
	}
	return at.UTC().Truncate(time.Microsecond), nil
}
