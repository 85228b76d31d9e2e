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
	authored
	IDs []string `arg:"" optional:"" name:"id" help:"Login IDs."`
	All bool     `help:"Every member. It says how many and asks for that number."`
	Yes *int64   `help:"With --all: do not ask, if at most so many members would be voided." placeholder:"NUMBER"`
}

// Run voids passwords.
func (c voidCommand) Run(p *program) (err error) {
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
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if c.All {
		return p.voidAll(s.Members(), author, c.Yes)
	}
	return p.voidNamed(s.Members(), author, names)
}

// parseLoginIDs refuses all that are none at once. One that is named twice counts once.
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

// voidNamed looks at all names before it voids any.
func (p *program) voidNamed(members *store.Members, author member.Author, names []member.LoginID) error {
	found, err := members.MembersNamed(p.ctx, names)
	if err != nil {
		return err
	}
	known := make(map[member.LoginID]member.ID, len(found))
	for _, m := range found {
		known[m.LoginID] = m.ID
	}
	ids := make([]member.ID, len(names))
	var missing []string
	for i, name := range names {
		if ids[i] = known[name]; ids[i] == 0 {
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

const (
	// voidAtOnce members are voided in one transaction.
	voidAtOnce = 500
	// voidReport is how many are voided between two lines of progress.
	voidReport = 10_000
)

// voidAll walks through the members that are not void. Each set is done wholly or not at all, so that a run that was
// cut off can be run again and goes on.
func (p *program) voidAll(members *store.Members, author member.Author, yes *int64) error {
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
	atMost := all // or what --yes allows, if members are added meanwhile
	if yes != nil {
		atMost = *yes
	}
	voided, after := int64(0), member.ID(0)
	for voided < atMost {
		ids, err := members.NotVoid(p.ctx, after, int(min(voidAtOnce, atMost-voided)))
		if err == nil && len(ids) == 0 {
			break
		}
		done := 0
		if err == nil {
			done, err = members.Void(p.ctx, ids, author, p.now())
		}
		if err != nil {
			return fmt.Errorf("after %d of %d: %w; run it again to go on", voided, all, err)
		}
		if before := voided; before/voidReport < (before+int64(done))/voidReport {
			fmt.Fprintf(p.stderr, "voided %d of %d …\n", before+int64(done), all)
		}
		voided, after = voided+int64(done), ids[len(ids)-1]
	}
	fmt.Fprintf(p.stdout, "voided %d\n", voided)
	more, err := members.NotVoid(p.ctx, after, 1)
	if err == nil && len(more) > 0 {
		err = errors.New("members who were added meanwhile are not void; run it again")
	}
	return err
}
