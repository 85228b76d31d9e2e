package cli

import (
	"hash/maphash"

	"aikagi/backend/member"
)

// seenIDs remembers the line on which each login ID occurred first.
type seenIDs struct {
	seed  maphash.Seed
	lines map[uint64]int // by the ID's hash; negative after a second line with the ID was found
}

// twin returns the first line with the login ID, or 0 if this line is the first. The twin is new if this is the second
// line with the ID. An empty ID has no twin.
func (s *seenIDs) twin(id member.LoginID, line int) (first int, isNew bool) {
	if id == "" {
		return 0, false
	}
	hash := maphash.String(s.seed, string(id))
	first, found := s.lines[hash]
	switch {
	case !found:
		s.lines[hash] = line
		return 0, false
	case first < 0:
		return -first, false
	}
	s.lines[hash] = -first
	return first, true
}
