package session

import (
	"testing"
	"time"

	"aikagi/backend/member"
)

func TestAFullMemoryRemovesTheLeastRecentlySeenSession(t *testing.T) {
	c, memory := newClock(), NewMemory()
	memory.limit = 3
	k := New(memory, idle, absolute, c.now)
	first, second, third := open(t, k), open(t, k), open(t, k)
	c.pass(time.Minute)
	find(t, k, first)

	fourth := open(t, k)
	wantMissing(t, k, second)
	for _, token := range []Token{first, third, fourth} {
		find(t, k, token)
	}
}

func TestEndedSessionsLeaveNothingInMemory(t *testing.T) {
	c, memory := newClock(), NewMemory()
	k := New(memory, idle, absolute, c.now)
	for n := range 100 {
		openAs(t, k, member.ID(n), member.Mac)
	}
	c.pass(idle)
	open(t, k)
	if got, want := [3]int{len(memory.byKey), memory.bySeen.Len(), len(memory.byMember)}, [3]int{1, 1, 1}; got != want {
		t.Errorf("got %v entries, want %v", got, want)
	}
}
