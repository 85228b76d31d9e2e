package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"aikagi/backend/breach"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

// namesAtOnce login IDs are looked up with one query.
const namesAtOnce = 1000

// memberList is the file of a breach begin --ids: one login ID a line. Empty lines are passed over, and a member who is
// named twice counts once.
type memberList struct {
	*program
	members *store.Members
	which   breach.Selection

	ids    []member.ID // of all members that the file names, in order
	chosen int64       // those of them that the breach voids
	seen   map[member.ID]bool
	bad    int
	batch  []namedLine
}

type namedLine struct {
	number int
	id     member.LoginID // empty: the line is bad
}

// read reads the whole file, and refuses it with each bad line.
func (l *memberList) read(name string) (err error) {
	file, err := l.openMembersFile(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.rewind(); err != nil {
		return err
	}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" {
			continue
		}
		id, err := member.ParseLoginID(text)
		if err != nil {
			id = ""
		}
		if l.batch = append(l.batch, namedLine{number, id}); len(l.batch) < namesAtOnce {
			continue
		}
		if err := l.lookUp(); err != nil {
			return err
		}
	}
	if err := errors.Join(lines.Err(), l.lookUp()); err != nil {
		return fmt.Errorf("%s: %w; nothing was changed", name, err)
	}
	switch {
	case l.bad > 0:
		return fmt.Errorf("%s; nothing was changed", count(l.bad, "bad line"))
	case len(l.ids) == 0:
		return fmt.Errorf("%s names no member; right would be one login ID on each line; nothing was changed", name)
	}
	slices.Sort(l.ids)
	return nil
}

func (l *memberList) refuse(number int, reason string) {
	if l.bad++; l.bad <= badLinesShown {
		fmt.Fprintf(l.stderr, "line %d: %s\n", number, reason)
	}
	if l.bad == badLinesShown+1 {
		fmt.Fprintln(l.stderr, "… and more bad lines")
	}
}

// lookUp looks for the members of a batch.
func (l *memberList) lookUp() error {
	if len(l.batch) == 0 {
		return nil
	}
	names := make([]member.LoginID, len(l.batch))
	for i, line := range l.batch {
		names[i] = line.id
	}
	found, err := l.members.MembersNamed(l.ctx, names)
	if err != nil {
		return err
	}
	known := make(map[member.LoginID]member.Member, len(found))
	for _, m := range found {
		known[m.LoginID] = m
	}
	for _, line := range l.batch {
		m, is := known[line.id]
		switch {
		case line.id == "":
			l.refuse(line.number, "is no login ID; right would be one login ID alone on the line")
		case !is:
			l.refuse(line.number, "no member has this login ID")
		default:
			l.take(m)
		}
	}
	l.batch = l.batch[:0]
	return nil
}

// take adds a member to the list, once.
func (l *memberList) take(m member.Member) {
	if l.seen == nil {
		l.seen = make(map[member.ID]bool)
	}
	if l.seen[m.ID] {
		return
	}
	l.seen[m.ID] = true
	l.ids = append(l.ids, m.ID)
	if l.which.Holds(m) {
		l.chosen++
	}
}

// digest tells this list from another.
func (l *memberList) digest() string {
	sum := sha256.New()
	for _, id := range l.ids {
		_ = binary.Write(sum, binary.BigEndian, int64(id)) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}
