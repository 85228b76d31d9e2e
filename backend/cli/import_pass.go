package cli

import (
	"fmt"
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/store"
)

const (
	// importAtOnce members are compared at once, added in one transaction and changed in one.
	importAtOnce = 1000
	// badLinesShown bounds what is printed of a file that is wrong throughout.
	badLinesShown = 1000
)

// pass is one reading of the file against the database.
type pass struct {
	*importing
	progress *progress
	write    bool         // write what is new or differs; otherwise only look
	skip     map[int]bool // lines found bad by the first reading
	limit    int          // how many members may be changed

	batch []importLine
	bad   map[int]bool

	read, added, equal, changed, heldBack, empty int
}

type importLine struct {
	number int
	member member.Member // with --update an empty status says nothing
}

// lines is how many there are, bad ones too.
func (p *pass) lines() int { return p.read + len(p.bad) }

func (p *pass) run() error {
	if err := p.file.rewind(); err != nil {
		return err
	}
	c := p.command
	options := importOptions{
		Columns: c.Column, IgnoreExtra: c.IgnoreExtra, Encoding: c.Encoding, Usable: password.Usable, VoidUnusable: c.VoidUnusable,
		KeepEmptyStatus: c.Update, Now: p.now(),
	}
	defer p.progress.clear()
	if err := readMembers(p.file, options, p.take, p.refuse, func(int) { p.empty++ }); err != nil {
		return err
	}
	return p.flush()
}

// take collects good lines into a batch.
func (p *pass) take(number int, m member.Member) error {
	if p.skip[number] {
		return nil
	}
	p.batch = append(p.batch, importLine{number, m})
	p.read++
	if len(p.batch) < importAtOnce {
		return nil
	}
	p.progress.at(int64(number))
	return p.flush()
}

// refuse notes a bad line. The second reading finds the same ones and says nothing.
func (p *pass) refuse(number int, reason string) {
	p.bad[number] = true
	if !p.write && len(p.bad) <= badLinesShown {
		p.progress.clear()
		fmt.Fprintf(p.stderr, "line %d: %s\n", number, reason)
	}
	if !p.write && len(p.bad) == badLinesShown+1 {
		p.progress.clear()
		fmt.Fprintln(p.stderr, "… and more bad lines")
	}
}

// flush compares a batch with the database and, when writing, adds what is new and changes what differs.
func (p *pass) flush() error {
	if len(p.batch) == 0 {
		return nil
	}
	ids := make([]member.LoginID, len(p.batch))
	for n, line := range p.batch {
		ids[n] = line.member.LoginID
	}
	there, err := p.members.MembersNamed(p.ctx, ids)
	if err != nil {
		return err
	}
	known := make(map[member.LoginID]member.Member, len(there))
	for _, m := range there {
		known[m.LoginID] = m
	}
	fresh := make([]member.Member, 0, len(p.batch))
	var wanted []store.Wanted
	for _, line := range p.batch {
		other, isThere := known[line.member.LoginID]
		switch {
		case !isThere:
			fresh = append(fresh, newMember(line.member, p.importing))
		case isSame(line.member, other):
			p.equal++
		case p.command.Update:
			wanted = append(wanted, store.Wanted{ID: other.ID, Address: line.member.MailAddress, Status: line.member.Status})
		default:
			p.read--
			p.refuse(line.number, differs(line.member, other))
		}
	}
	p.batch = p.batch[:0]
	if err := p.add(fresh); err != nil {
		return err
	}
	return p.change(wanted)
}

func (p *pass) add(fresh []member.Member) error {
	if p.write && len(fresh) > 0 {
		if err := p.members.AddMembers(p.ctx, fresh); err != nil {
			return err
		}
	}
	p.added += len(fresh)
	return nil
}

// change counts, and writes when it shall.
func (p *pass) change(wanted []store.Wanted) (err error) {
	if len(wanted) == 0 {
		return nil
	}
	var planned []store.Planned
	if p.write {
		by := p.update
		by.Now = p.now()
		planned, err = p.members.Change(p.ctx, wanted, by, p.limit-p.changed)
	} else {
		planned, err = p.members.Plan(p.ctx, wanted, p.update.AsOf)
	}
	changed, heldBack := store.CountPlanned(planned)
	p.changed, p.heldBack = p.changed+changed, p.heldBack+heldBack
	if err == nil {
		p.equal += len(wanted) - len(planned) // another command has made them so meanwhile
	}
	return err
}

func newMember(m member.Member, i *importing) member.Member {
	m.PasswordVersion, m.CreatedAt = 1, i.now()
	if m.Status == "" {
		m.Status = member.Active
	}
	return m
}

// isSame compares what stays as it was enrolled. The password does not: the member may have changed it, and a sign-in
// may have hashed it anew.
func isSame(line, there member.Member) bool {
	return line.MailAddress == there.MailAddress && (line.Status == "" || line.Status == there.Status)
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
