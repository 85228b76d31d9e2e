package session

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"aikagi/backend/member"
)

// nextMember returns a member that no other test uses, not even of an earlier run, because all share one Redis.
var nextMember = func() func() member.ID {
	id := member.ID(time.Now().UnixNano())
	var mu sync.Mutex
	return func() member.ID {
		mu.Lock()
		defer mu.Unlock()
		id++
		return id
	}
}()

func openAs(t *testing.T, k *Keeper, id member.ID, device member.Device) Token {
	t.Helper()
	token, err := k.Open(t.Context(), id, "abcd", 3, device)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func listAs(t *testing.T, k *Keeper, token Token, id member.ID) []Listed {
	t.Helper()
	listed, err := k.List(t.Context(), token, id, 3)
	if err != nil {
		t.Fatal(err)
	}
	return listed
}

func closeOthers(t *testing.T, k *Keeper, token Token, id member.ID) {
	t.Helper()
	if err := k.CloseOthers(t.Context(), token, id); err != nil {
		t.Fatal(err)
	}
}

func TestSessionsAreListedTheMostRecentlySeenFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id, opened := nextMember(), c.now()
		phone := openAs(t, k, id, member.IPhone)
		c.pass(time.Minute)
		mac := openAs(t, k, id, member.Mac)
		openAs(t, k, nextMember(), member.Linux)
		c.pass(time.Minute)
		find(t, k, phone)

		at := func(minutes int) time.Time { return opened.Add(time.Duration(minutes) * time.Minute) }
		seenLast := Session{MemberID: id, LoginID: "abcd", PasswordVersion: 3, Device: member.IPhone, OpenedAt: at(0), SeenAt: at(2)}
		before := Session{MemberID: id, LoginID: "abcd", PasswordVersion: 3, Device: member.Mac, OpenedAt: at(1), SeenAt: at(1)}
		for _, test := range []struct {
			name   string
			caller Token
			want   []Listed
		}{
			{"the phone", phone, []Listed{{seenLast, true}, {before, false}}},
			{"the Mac", mac, []Listed{{seenLast, false}, {before, true}}},
			{"no token", NewToken("x"), []Listed{{seenLast, false}, {before, false}}},
			{"an unknown token", generateToken(), []Listed{{seenLast, false}, {before, false}}},
		} {
			if got := listAs(t, k, test.caller, id); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
			}
		}
		if got := listAs(t, k, phone, nextMember()); len(got) != 0 {
			t.Errorf("a member without sessions: got %+v, want none", got)
		}
	})
}

func TestOnlySessionsOfThePresentPasswordAreListed(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		id := nextMember()
		raised, old := openAs(t, k, id, member.IPhone), openAs(t, k, id, member.Mac)
		if err := k.RaiseVersion(t.Context(), raised, 4); err != nil {
			t.Fatal(err)
		}
		for version, want := range map[int64]member.Device{3: member.Mac, 4: member.IPhone} {
			listed, err := k.List(t.Context(), old, id, version)
			if err != nil {
				t.Fatal(err)
			}
			if len(listed) != 1 || listed[0].Device != want {
				t.Errorf("version %d: got %+v, want that of %s", version, listed, want)
			}
		}
	})
}

func TestAnEndedSessionIsNotListed(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id := nextMember()
		openAs(t, k, id, member.Mac)
		closed := openAs(t, k, id, member.Mac)
		c.pass(idle - time.Microsecond)
		if err := k.Close(t.Context(), closed); err != nil {
			t.Fatal(err)
		}
		caller := openAs(t, k, id, member.IPhone)
		if got, want := len(listAs(t, k, caller, id)), 2; got != want {
			t.Errorf("got %d sessions, want %d without the closed one", got, want)
		}
		c.pass(time.Microsecond)
		if got := listAs(t, k, caller, id); len(got) != 1 || got[0].Device != member.IPhone {
			t.Errorf("got %+v, want the caller's session alone", got)
		}
	})
}

func TestListingDoesNotRestartTheIdleTime(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id := nextMember()
		token := openAs(t, k, id, member.Mac)
		c.pass(idle - time.Microsecond)
		listAs(t, k, token, id)
		c.pass(time.Microsecond)
		wantMissing(t, k, token)
	})
}

func TestCloseOthersKeepsTheCallersSessionAndThoseOfOtherMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		id, stranger := nextMember(), openAs(t, k, nextMember(), member.Linux)
		first, caller, last := openAs(t, k, id, member.Mac), openAs(t, k, id, member.IPhone), openAs(t, k, id, member.Mac)
		if err := k.RaiseVersion(t.Context(), last, 4); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second call finds no others, which is no error
			closeOthers(t, k, caller, id)
			wantMissing(t, k, first)
			wantMissing(t, k, last)
			find(t, k, caller)
			find(t, k, stranger)
			if got := listAs(t, k, caller, id); len(got) != 1 || !got[0].Current {
				t.Errorf("got %+v, want the caller's session alone", got)
			}
		}
		if err := k.CloseOthers(t.Context(), NewToken("x"), id); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
		find(t, k, caller)
	})
}

func TestOfTooManySessionsTheOneOpenedFirstEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id, stranger := nextMember(), openAs(t, k, nextMember(), member.Linux)
		var tokens []Token
		for range maxPerMember {
			tokens = append(tokens, openAs(t, k, id, member.Mac))
			c.pass(time.Microsecond)
		}
		find(t, k, tokens[0]) // recent use does not protect it
		tokens = append(tokens, openAs(t, k, id, member.Mac))
		wantMissing(t, k, tokens[0])
		for _, token := range tokens[1:] {
			find(t, k, token)
		}
		find(t, k, stranger)
		if got, want := len(listAs(t, k, tokens[1], id)), maxPerMember; got != want {
			t.Errorf("got %d sessions, want %d", got, want)
		}
	})
}

func TestEndedSessionsAreRemovedBeforeALiveOne(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id := nextMember()
		busy := openAs(t, k, id, member.Mac)
		c.pass(time.Microsecond) // opened first, so it would end if the others had not
		for range maxPerMember - 1 {
			openAs(t, k, id, member.Mac)
		}
		c.pass(idle - 2*time.Microsecond)
		find(t, k, busy)
		c.pass(2 * time.Microsecond)
		last := openAs(t, k, id, member.IPhone)
		find(t, k, busy)
		if got, want := len(listAs(t, k, last, id)), 2; got != want {
			t.Errorf("got %d sessions, want %d", got, want)
		}
	})
}

// The member could not end a live session that is missing from the list. A sign-in during CloseOthers must be either
// closed or listed.
func TestEverySessionOpenedDuringCloseOthersIsClosedOrListed(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		for range 10 {
			id := nextMember()
			caller := openAs(t, k, id, member.IPhone)
			tokens := openWhile(t, k, id, func(ctx context.Context) error { return k.CloseOthers(ctx, caller, id) })
			listed, live := len(listAs(t, k, caller, id)), 1
			for _, token := range tokens {
				if _, err := k.Find(t.Context(), token); err == nil {
					live++
				} else if !errors.Is(err, ErrMissing) {
					t.Error(err)
				}
			}
			if listed != live {
				t.Errorf("got %d sessions listed, want the %d live ones", listed, live)
			}
			closeOthers(t, k, caller, id)
			for _, token := range tokens {
				wantMissing(t, k, token)
			}
			find(t, k, caller)
		}
	})
}

// openWhile opens sessions while the change is made again and again. It finds every second session, as browsers do, and
// returns the tokens.
func openWhile(t *testing.T, k *Keeper, id member.ID, change func(context.Context) error) []Token {
	t.Helper()
	var (
		mu     sync.Mutex
		tokens []Token
		all    sync.WaitGroup
	)
	for range 4 {
		all.Go(func() {
			for n := range 5 {
				token, err := k.Open(t.Context(), id, "abcd", 3, member.Mac)
				if err != nil {
					t.Error(err)
					return
				}
				if n%2 == 1 {
					if _, err := k.Find(t.Context(), token); err != nil && !errors.Is(err, ErrMissing) {
						t.Error(err)
					}
				}
				mu.Lock()
				tokens = append(tokens, token)
				mu.Unlock()
			}
		})
	}
	all.Go(func() {
		for range 5 {
			if err := change(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	return tokens
}
