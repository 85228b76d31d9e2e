package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

type voidCommand struct {
	authorFlags
	IDs []string `arg:"" optional:"" name:"id" help:"Login IDs."`
	All bool     `help:"Every member. It says how many and asks for that number."`
	Yes *int64   `help:"With --all: do not ask, if no more members than this number would be voided." placeholder:"NUMBER"`
}

// Run voids passwords.
func (c voidCommand) Run(p *program) error {
	switch {
	case c.All == (len(c.IDs) > 0):
		return fmt.Errorf("%w: name the login IDs, or say --all", errUsage)
	case c.Yes != nil && !c.All:
		return fmt.Errorf("%w: --yes belongs to --all", errUsage)
	}
	names, err := parseLoginIDs(c.IDs)
	if err != nil {
		return err
	}
	author, err := c.author(p)
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		if c.All {
			return p.voidAll(s.Members(), author, c.Yes)
		}
		return p.voidNamed(s.Members(), author, names)
	})
}

// parseLoginIDs returns the login IDs without repetitions. Its error names every text that is not a login ID.
func parseLoginIDs(typed []string) (ids []member.LoginID, err error) {
	var wrong []string
	for _, text := range typed {
		id, err := member.ParseLoginID(text)
		switch {
		case err != nil:
			wrong = append(wrong, text)
		case !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%w: no login ID: %s; nothing was changed", errUsage, strings.Join(wrong, ", "))
	}
	return ids, nil
}

// voidAtOnce is how many members one transaction voids.
const voidAtOnce = 500

// voidNamed voids the passwords of these members. It voids none if one of them does not exist.
func (p *program) voidNamed(members *store.Members, author member.Author, names []member.LoginID) error {
	known, err := membersNamed(p.ctx, members, names)
	if err != nil {
		return err
	}
	ids := make([]member.ID, len(names))
	var missing []string
	for i, name := range names {
		if ids[i] = known[name].ID; ids[i] == 0 {
			missing = append(missing, string(name))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("no member has the login ID %s; nothing was changed", strings.Join(missing, ", "))
	}
	voided := 0
	for chunk := range slices.Chunk(ids, voidAtOnce) {
		done, err := members.Void(p.ctx, chunk, author, p.now())
		voided += done
		if err != nil {
			return fmt.Errorf("after %d of %d: %w", voided, len(ids), err)
		}
	}
	fmt.Fprintf(p.stdout, "voided %d, void already %d\n", voided, len(ids)-voided)
	return nil
}

// voidAll asks for the number of members whose passwords are not void, and voids these passwords in sets. A set is one
// transaction, so that a command that was cut off can be run again and continues.
func (p *program) voidAll(members *store.Members, author member.Author, yes *int64) error {
	if err := checkYes(yes); err != nil {
		return err
	}
	all, err := members.CountNotVoid(p.ctx)
	if err != nil {
		return err
	}
	if all == 0 {
		fmt.Fprintln(p.stdout, "voided 0\nEvery password is void already.")
		return nil
	}
	if err := p.confirm("void the passwords of", all, yes); err != nil {
		return err
	}
	atMost := all // --yes may allow more, for members who are added meanwhile
	if yes != nil {
		atMost = *yes
	}
	run := voidRun{program: p, members: members, author: author, all: all}
	for run.voided < atMost {
		more, err := run.voidSet(int(min(voidAtOnce, atMost-run.voided)))
		if err != nil {
			return fmt.Errorf("after %d of %d: %w; run it again to go on", run.voided, all, err)
		}
		if !more {
			break
		}
	}
	fmt.Fprintf(p.stdout, "voided %d\n", run.voided)
	left, err := members.NotVoid(p.ctx, run.last, 1)
	if err == nil && len(left) > 0 {
		err = errors.New("members who were added meanwhile are not void; run it again")
	}
	return err
}

// voidReportEvery is how many members are voided between two lines of progress.
const voidReportEvery = 10_000

// voidRun is one run of members void --all.
type voidRun struct {
	*program
	members *store.Members
	author  member.Author
	all     int64 // how many were to be voided at the beginning

	voided int64
	last   member.ID // the last member that was looked at
}

// voidSet voids the next set of at most size members. It returns false if there are no more.
func (r *voidRun) voidSet(size int) (more bool, err error) {
	ids, err := r.members.NotVoid(r.ctx, r.last, size)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	done, err := r.members.Void(r.ctx, ids, r.author, r.now())
	if err != nil {
		return false, err
	}
	before := r.voided
	r.voided, r.last = before+int64(done), ids[len(ids)-1]
	if before/voidReportEvery < r.voided/voidReportEvery {
		fmt.Fprintf(r.stderr, "voided %d of %d …\n", r.voided, r.all)
	}
	return true, nil
}
