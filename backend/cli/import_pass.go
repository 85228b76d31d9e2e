package cli

import (
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

// importAtOnce is how many members one query looks up, and how many one transaction adds or changes.
const importAtOnce = 1000

// pass is one reading of the file, and its comparison with the database.
type pass struct {
	*importRun
	progress *progress
	write    bool     // the pass writes; otherwise it only compares
	skip     badLines // which the first pass has found
	limit    int      // how many members may be changed

	batch []importLine
	bad   badLines

	lines int // without the empty ones

	added, equal, changed, heldBack, empty int
}

type importLine struct {
	number int
	member member.Member // with --update an empty status means no change
}

// run reads the whole file.
func (p *pass) run() error {
	if err := p.file.rewind(); err != nil {
		return err
	}
	defer p.progress.clear()
	if err := readMembers(p.file, p.options(p.twins), p.visit); err != nil {
		return err
	}
	return p.flush()
}

// visit handles one record of the file. It collects good records in a batch.
func (p *pass) visit(record membersRecord) error {
	if record.isEmpty {
		p.empty++
		return nil
	}
	p.lines++
	switch {
	case record.bad != "":
		p.bad.add(record.line, record.bad)
		return nil
	case p.skip.has(record.line):
		return nil
	}
	p.batch = append(p.batch, importLine{record.line, record.member})
	if len(p.batch) < importAtOnce {
		return nil
	}
	p.progress.at(int64(record.line) - 1)
	return p.flush()
}

// flush compares the batch with the database and empties it. It adds new members and changes members that differ, or only
// counts them if the pass does not write.
func (p *pass) flush() error {
	if len(p.batch) == 0 {
		return nil
	}
	ids := make([]member.LoginID, len(p.batch))
	for n, line := range p.batch {
		ids[n] = line.member.LoginID
	}
	known, err := membersNamed(p.ctx, p.members, ids)
	if err != nil {
		return err
	}
	fresh := make([]member.Member, 0, len(p.batch))
	var wanted []store.Wanted
	for _, line := range p.batch {
		other, exists := known[line.member.LoginID]
		switch {
		case !exists:
			fresh = append(fresh, p.newMember(line.member))
		case isSame(line.member, other):
			p.equal++
		case p.command.Update:
			wanted = append(wanted, store.Wanted{ID: other.ID, Address: line.member.MailAddress, Status: line.member.Status})
		default:
			p.bad.add(line.number, differs(line.member, other))
		}
	}
	p.batch = p.batch[:0]
	if err := p.add(fresh); err != nil {
		return err
	}
	return p.change(wanted)
}

// add counts new members, and adds them if the pass writes.
func (p *pass) add(fresh []member.Member) error {
	if p.write && len(fresh) > 0 {
		if err := p.members.AddMembers(p.ctx, fresh); err != nil {
			return err
		}
	}
	p.added += len(fresh)
	return nil
}

// change counts the changes to members that differ, and makes them if the pass writes.
func (p *pass) change(wanted []store.Wanted) (err error) {
	if len(wanted) == 0 {
		return nil
	}
	var planned []store.Planned
	if p.write {
		update := p.update
		update.Now = p.now()
		planned, err = p.members.Change(p.ctx, wanted, update, p.limit-p.changed)
	} else {
		planned, err = p.members.Plan(p.ctx, wanted, p.update.AsOf)
	}
	changed, heldBack := store.CountPlanned(planned)
	p.changed, p.heldBack = p.changed+changed, p.heldBack+heldBack
	if err == nil {
		p.equal += len(wanted) - len(planned) // another command has made the same changes meanwhile
	}
	return err
}

// newMember completes a member of the file.
func (p *pass) newMember(m member.Member) member.Member {
	m.PasswordVersion, m.CreatedAt = 1, p.now()
	if m.Status == "" {
		m.Status = member.Active
	}
	return m
}

// isSame reports whether a line changes nothing of a member. It does not compare the password: the member may have changed
// it, and a sign-in may have hashed it again.
func isSame(line, existing member.Member) bool {
	return line.MailAddress == existing.MailAddress && (line.Status == "" || line.Status == existing.Status)
}

// differs returns in which columns a line differs from the existing member. It does not repeat the values.
func differs(line, existing member.Member) string {
	var columns []string
	if line.MailAddress != existing.MailAddress {
		columns = append(columns, mailAddressColumn)
	}
	if line.Status != existing.Status {
		columns = append(columns, statusColumn)
	}
	return "a member with this login_id is there already and differs in " + strings.Join(columns, " and ")
}
