package cli

import (
	"cmp"
	"errors"
	"hash/maphash"
	"io"
	"slices"
)

// maxPreallocated bounds the records for which memory is allocated at once: 64 MiB.
const maxPreallocated = 4 << 20

// twins are the lines of a file whose login ID is on another line too. The value is the first line with that ID; for the
// first line itself it is the second one.
type twins map[int]int

// findTwins reads a file with about as many records as records says, and calls visited with the line of each. It returns an
// error of the disk or the pipe ([errUnreadable]): a later reading may succeed, and would not know all lines with the same ID. It
// returns no error about the content: the next reading finds that one again, and reports the bad lines before it too.
//
// It keeps 16 bytes of each record: the hash of the login ID under a random key, and the line. Of 37 million readings of a
// million IDs, about one finds the same hash for two different IDs. Reading the file again helps then.
func findTwins(r io.Reader, opts importOptions, records int64, visited func(line int) error) (twins, error) {
	type idOnLine struct {
		hash uint64
		line int
	}
	seed := maphash.MakeSeed()
	// records counts line breaks, of which a file may have many more than records.
	found := make([]idOnLine, 0, min(records, maxPreallocated))
	opts.Twins, opts.Usable = nil, func(string) error { return nil }
	err := readMembers(r, opts, func(record membersRecord) error {
		if id := record.member.LoginID; id != "" {
			found = append(found, idOnLine{maphash.String(seed, string(id)), record.line})
		}
		return visited(record.line)
	})
	if errors.Is(err, errUnreadable) {
		return nil, err
	}
	slices.SortFunc(found, func(a, b idOnLine) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.line, b.line))
	})
	all := make(twins)
	for first, i := 0, 1; i < len(found); i++ {
		if found[i].hash != found[first].hash {
			first = i
			continue
		}
		all[found[i].line] = found[first].line
		if i == first+1 {
			all[found[first].line] = found[i].line
		}
	}
	return all, nil
}
