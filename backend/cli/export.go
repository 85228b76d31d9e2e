package cli

import (
	"bufio"
	"encoding/csv"
	"fmt"

	"aikagi/backend/member"
	"aikagi/backend/store"
)

// exportAtOnce is how many members one statement reads.
const exportAtOnce = 2000

type exportCommand struct {
	WithHashes bool `help:"Write password hashes too: keep the file as secret as the database."`
}

// Help is shown under the command's flags.
func (exportCommand) Help() string {
	return "Writes the CSV that members import reads to the standard output. Without --with-hashes the column password_hash is empty, " +
		"so that an import elsewhere adds the members as void. A void password is written as an empty one. The fields are written as they are: " +
		"a spreadsheet program may take an address that begins with = + - or @ for a formula, so open the file as text there. " +
		"A member who is changed during the export is written as before or as after the change."
}

// Run writes all members. Its memory does not grow with their number.
func (c exportCommand) Run(p *program) error {
	return p.withStore(func(s *store.Store) error {
		written, err := c.write(p, s.Members())
		if err != nil {
			return fmt.Errorf("after %s: %w; the export is not whole", count(written, "member"), err)
		}
		return nil
	})
}

func (c exportCommand) write(p *program, members *store.Members) (written int, err error) {
	total, err := members.CountMembers(p.ctx)
	if err != nil {
		return 0, err
	}
	progress := p.progress("exported", "member", total)
	defer progress.clear()
	out := csv.NewWriter(bufio.NewWriterSize(p.stdout, 1<<16)) // csv uses it as its buffer
	if err := out.Write(importColumns()); err != nil {
		return 0, err
	}
	for after := member.ID(0); ; {
		some, err := members.MembersAfter(p.ctx, after, exportAtOnce)
		if err != nil {
			return written, err
		}
		for _, m := range some {
			if err := out.Write(c.record(m)); err != nil {
				return written, err
			}
		}
		written += len(some)
		progress.at(int64(written))
		if len(some) < exportAtOnce {
			break
		}
		after = some[len(some)-1].ID
	}
	out.Flush()
	return written, out.Error()
}

// record returns the line of a member. The hash of a void password is left out: the database keeps it only to refuse the
// same password as a new one.
func (c exportCommand) record(m member.Member) []string {
	hash := ""
	if c.WithHashes && m.VoidedAt == nil {
		hash = m.PasswordHash
	}
	return []string{string(m.LoginID), string(m.MailAddress), hash, string(m.Status)}
}
