package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/store"
)

type importCommand struct {
	File         string            `arg:"" help:"CSV with the header login_id,basic_mail_address,password_hash,status." type:"existingfile"`
	Column       map[string]string `help:"A column's heading in the file: --column login_id=会員ID." placeholder:"OURS=THEIRS"`
	IgnoreExtra  bool              `help:"Pass over other columns."`
	Encoding     string            `help:"utf-8 or shift_jis." default:"utf-8"`
	Check        bool              `help:"Check the whole file and write nothing."`
	SkipBad      bool              `help:"Write the good lines even if there are bad ones."`
	VoidUnusable bool              `help:"Void members whose password hash cannot be used, instead of refusing the line."`
}

const (
	// importAtOnce members are compared and written in one transaction.
	importAtOnce = 1000
	// badLinesShown bounds what is printed of a file that is wrong throughout.
	badLinesShown = 1000
	// progressEvery lines a line of progress is printed.
	progressEvery = 50_000
)

// importing is one reading of the file against the database.
type importing struct {
	*program
	command importCommand
	members *store.Members
	write   bool         // write what is new; otherwise only look
	skip    map[int]bool // lines found bad by the first reading

	batch                     []member.Member
	lines                     []int
	bad                       map[int]bool
	read, added, equal, empty int
}

// Run checks the whole file first. With any bad line nothing is written, unless bad ones are to be skipped. What is
// there already stays as it is, so that an import that was cut off can be run again.
func (c importCommand) Run(p *program) (err error) {
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	check := &importing{program: p, command: c, members: s.Members(), bad: make(map[int]bool)}
	if err := check.run(); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Fprintf(p.stdout, "checked: %s, %d new, %d there already, %d bad, %s passed over\n",
		count(check.read+len(check.bad), "line"), check.added, check.equal, len(check.bad), count(check.empty, "empty line"))
	switch {
	case len(check.bad) > 0 && (c.Check || !c.SkipBad):
		return fmt.Errorf("%s; nothing was written", count(len(check.bad), "bad line"))
	case c.Check:
		return nil
	}
	write := &importing{program: p, command: c, members: s.Members(), bad: make(map[int]bool), write: true, skip: check.bad}
	if err := write.run(); err != nil {
		return fmt.Errorf("%s: after %s: %w; run it again to go on", c.File, count(write.added, "member"), err)
	}
	fmt.Fprintf(p.stdout, "imported: %d added, %d there already, %s left out, %s passed over\n",
		write.added, write.equal, count(len(check.bad), "bad line"), count(write.empty, "empty line"))
	return nil
}

func (i *importing) run() (err error) {
	file, err := os.Open(i.command.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	options := importOptions{
		Columns: i.command.Column, IgnoreExtra: i.command.IgnoreExtra, Encoding: i.command.Encoding,
		Usable: password.Usable, VoidUnusable: i.command.VoidUnusable, Now: i.now(),
	}
	if err := readMembers(file, options, i.take, i.refuse, func(int) { i.empty++ }); err != nil {
		return err
	}
	return i.flush()
}

// take collects good lines into a batch.
func (i *importing) take(line int, m member.Member) error {
	if i.skip[line] {
		return nil
	}
	m.PasswordVersion, m.CreatedAt = 1, i.now()
	i.batch, i.lines = append(i.batch, m), append(i.lines, line)
	i.read++
	if i.read%progressEvery == 0 {
		fmt.Fprintf(i.stderr, "%d lines …\n", i.read)
	}
	if len(i.batch) < importAtOnce {
		return nil
	}
	return i.flush()
}

// refuse notes a bad line. The second reading finds the same ones and says nothing.
func (i *importing) refuse(line int, reason string) {
	i.bad[line] = true
	if !i.write && len(i.bad) <= badLinesShown {
		fmt.Fprintf(i.stderr, "line %d: %s\n", line, reason)
	}
	if !i.write && len(i.bad) == badLinesShown+1 {
		fmt.Fprintln(i.stderr, "… and more bad lines")
	}
}

// flush compares a batch with the database and, when writing, adds what is new.
func (i *importing) flush() error {
	if len(i.batch) == 0 {
		return nil
	}
	ids := make([]member.LoginID, len(i.batch))
	for n, m := range i.batch {
		ids[n] = m.LoginID
	}
	there, err := i.members.MembersNamed(i.ctx, ids)
	if err != nil {
		return err
	}
	known := make(map[member.LoginID]member.Member, len(there))
	for _, m := range there {
		known[m.LoginID] = m
	}
	fresh := make([]member.Member, 0, len(i.batch))
	for n, m := range i.batch {
		other, isThere := known[m.LoginID]
		switch {
		case !isThere:
			fresh = append(fresh, m)
		case isSame(m, other):
			i.equal++
		default:
			i.read--
			i.refuse(i.lines[n], differs(m, other))
		}
	}
	i.batch, i.lines = i.batch[:0], i.lines[:0]
	if i.write && len(fresh) > 0 {
		if err := i.members.AddMembers(i.ctx, fresh); err != nil {
			return err
		}
	}
	i.added += len(fresh)
	return nil
}

// isSame compares what stays as it was enrolled. The password does not: the member may have changed it, and a sign-in
// may have hashed it anew.
func isSame(a, b member.Member) bool {
	return a.MailAddress == b.MailAddress && a.Status == b.Status
}

// differs says in what a line differs from the member that is there, without repeating either.
func differs(line, there member.Member) string {
	var what []string
	if line.MailAddress != there.MailAddress {
		what = append(what, mailAddressColumn)
	}
	if line.Status != there.Status {
		what = append(what, statusColumn)
	}
	return "a member with this login_id is there already and differs in " + strings.Join(what, " and ")
}
