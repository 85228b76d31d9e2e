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

// namesAtOnce is how many login IDs one query looks up.
const namesAtOnce = 1000

// memberList is the file of breach begin --ids: one login ID a line. It ignores empty lines. A member that the file names
// twice counts once.
type memberList struct {
	*program
	members   *store.Members
	selection breach.Selection

	ids    []member.ID // of all members that the file names; sorted at the end
	chosen int64       // how many of them have a password that the breach voids
	seen   map[member.ID]bool
	bad    badLines
	batch  []listLine
}

type listLine struct {
	number int
	id     member.LoginID // empty if the line is bad
}

// read reads the whole file. It prints each bad line, and fails if there is one.
func (l *memberList) read(name string) (err error) {
	file, err := l.openMembersFile(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.rewind(); err != nil {
		return err
	}
	l.seen, l.bad.out = make(map[member.ID]bool), l.stderr
	if err := l.readLines(bufio.NewScanner(file)); err != nil {
		return fmt.Errorf("%s: %w; nothing was changed", fileName(name), err)
	}
	switch {
	case l.bad.count() > 0:
		return fmt.Errorf("%s; nothing was changed", count(l.bad.count(), "bad line"))
	case len(l.ids) == 0:
		return fmt.Errorf("%s names no member; right would be one login ID on each line; nothing was changed", fileName(name))
	}
	slices.Sort(l.ids)
	return nil
}

func (l *memberList) readLines(lines *bufio.Scanner) error {
	number := 1
	for ; lines.Scan(); number++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" {
			continue
		}
		id, err := member.ParseLoginID(text)
		if err != nil {
			id = ""
		}
		if l.batch = append(l.batch, listLine{number, id}); len(l.batch) < namesAtOnce {
			continue
		}
		if err := l.lookUp(); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than %d bytes; right would be one login ID alone on the line", number, bufio.MaxScanTokenSize)
	}
	return errors.Join(lines.Err(), l.lookUp())
}

// lookUp looks up the members of a batch and empties the batch.
func (l *memberList) lookUp() error {
	if len(l.batch) == 0 {
		return nil
	}
	names := make([]member.LoginID, len(l.batch))
	for i, line := range l.batch {
		names[i] = line.id
	}
	known, err := membersNamed(l.ctx, l.members, names)
	if err != nil {
		return err
	}
	for _, line := range l.batch {
		m, found := known[line.id]
		switch {
		case line.id == "":
			l.bad.add(line.number, "is no login ID; right would be one login ID alone on the line")
		case !found:
			l.bad.add(line.number, "no member has this login ID")
		default:
			l.add(m)
		}
	}
	l.batch = l.batch[:0]
	return nil
}

// add adds a member to the list, once.
func (l *memberList) add(m member.Member) {
	if l.seen[m.ID] {
		return
	}
	l.seen[m.ID] = true
	l.ids = append(l.ids, m.ID)
	if l.selection.Includes(m) {
		l.chosen++
	}
}

// digest identifies the list: two files with the same members have the same digest.
func (l *memberList) digest() string {
	sum := sha256.New()
	for _, id := range l.ids {
		_ = binary.Write(sum, binary.BigEndian, int64(id)) // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}
