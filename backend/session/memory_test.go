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

func TestASessionThatWasIdleForTooLongIsNotCounted(t *testing.T) {
	c := newClock()
	k := New(NewMemory(), idle, absolute, c.now)
	wantCount := func(when string, want int) {
		t.Helper()
		if got, known := k.Count(); got != want || !known {
			t.Errorf("%s: got %d, %v; want %d", when, got, known, want)
		}
	}
	wantCount("before the first one", 0)
	open(t, k)
	c.pass(idle - time.Second)
	open(t, k)
	wantCount("with two", 2)
	c.pass(time.Second)
	wantCount("when the first one has ended", 1)
	c.pass(idle)
	wantCount("when both have ended", 0)
}
