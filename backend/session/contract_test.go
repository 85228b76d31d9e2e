package session

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"aikagi/backend/member"
)

const (
	idle     = 30 * time.Minute
	absolute = 12 * time.Hour
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 4, 1, 9, 0, 0, 123456000, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// onBoth runs one fact on both backends.
func onBoth(t *testing.T, fact func(t *testing.T, k *Keeper, c *clock)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		c := newClock()
		fact(t, New(NewMemory(), idle, absolute, c.now), c)
	})
	t.Run("redis", func(t *testing.T) {
		c := newClock()
		fact(t, New(testRedis(t), idle, absolute, c.now), c)
	})
}

func open(t *testing.T, k *Keeper) Token {
	t.Helper()
	return openAs(t, k, nextMember(), member.IPhone)
}

func find(t *testing.T, k *Keeper, token Token) Session {
	t.Helper()
	found, err := k.Find(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantMissing(t *testing.T, k *Keeper, token Token) {
	t.Helper()
	if found, err := k.Find(t.Context(), token); !errors.Is(err, ErrMissing) {
		t.Errorf("got %+v, %v, want ErrMissing", found, err)
	}
}

func TestAnOpenedSessionIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		id, opened := nextMember(), c.now()
		token := openAs(t, k, id, member.IPhone)
		c.pass(5 * time.Minute)
		got := find(t, k, token)
		want := Session{
			MemberID: id, LoginID: "abcd", PasswordVersion: 3, Device: member.IPhone, OpenedAt: opened, SeenAt: c.now(),
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestAForeignTokenFindsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token := open(t, k)
		for _, text := range []string{
			"", "x", generateToken().Reveal(), token.Reveal() + "A", token.Reveal()[1:], string(make([]byte, 1<<20)),
		} {
			wantMissing(t, k, NewToken(text))
			if err := k.MoveTo(t.Context(), NewToken(text), 9); !errors.Is(err, ErrMissing) {
				t.Errorf("moving a session of nobody: got %v, want ErrMissing", err)
			}
			if err := k.Close(t.Context(), NewToken(text)); err != nil {
				t.Errorf("closing a session of nobody: got %v, want no error", err)
			}
		}
		find(t, k, token)
	})
}

// Keycloak, CVE-2026-7507: the session that an attacker planted was the signed-in one afterwards.
func TestEverySignInGetsATokenOfItsOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		first, second := open(t, k), open(t, k)
		if first == second {
			t.Error("two sessions have one token")
		}
		if err := k.Close(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, k, first)
		find(t, k, second)
	})
}

func TestASessionEndsAfterItsIdleTime(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(idle - time.Microsecond)
		find(t, k, token)
		c.pass(idle)
		wantMissing(t, k, token)
		c.pass(-idle)
		wantMissing(t, k, token) // one that has ended does not come back with the clock
	})
}

func TestASessionEndsAtItsAbsoluteTimeHoweverBusy(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		for range 2*absolute/idle - 1 {
			c.pass(idle / 2)
			find(t, k, token)
		}
		c.pass(idle/2 - time.Microsecond)
		find(t, k, token)
		c.pass(time.Microsecond)
		wantMissing(t, k, token)
	})
}

func TestAClockBehindDoesNotShortenASession(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(-time.Second) // another server's
		find(t, k, token)
		c.pass(time.Second + idle - time.Microsecond)
		find(t, k, token)
	})
}

func TestASessionMovesToTheVersionOfItsOwnChange(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token, other := open(t, k), open(t, k)
		if err := k.MoveTo(t.Context(), token, 4); err != nil {
			t.Fatal(err)
		}
		if got, want := find(t, k, token).PasswordVersion, int64(4); got != want {
			t.Errorf("got version %d, want %d", got, want)
		}
		if got, want := find(t, k, other).PasswordVersion, int64(3); got != want {
			t.Errorf("another session: got version %d, want %d", got, want)
		}
	})
}

func TestASessionNeverMovesToAnOlderVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token := open(t, k)
		for _, version := range []int64{10, 9} { // by number, not by letters
			if err := k.MoveTo(t.Context(), token, version); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := find(t, k, token).PasswordVersion, int64(10); got != want {
			t.Errorf("got version %d, want %d", got, want)
		}
	})
}

func TestAnEndedSessionDoesNotMove(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(idle)
		if err := k.MoveTo(t.Context(), token, 4); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
	})
}

func TestMovingASessionDoesNotMakeItSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(idle - time.Microsecond)
		if err := k.MoveTo(t.Context(), token, 4); err != nil {
			t.Fatal(err)
		}
		c.pass(time.Microsecond)
		wantMissing(t, k, token)
	})
}

func TestAClosedSessionIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token := open(t, k)
		for range 2 { // a second sign-out is no error
			if err := k.Close(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		wantMissing(t, k, token)
		if err := k.MoveTo(t.Context(), token, 4); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
		wantMissing(t, k, token)
	})
}

// A look that read the session before it was closed or moved must not write back what it read.
func TestLookingNeverRevivesOrSetsBack(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		for range 20 {
			closed, moved := open(t, k), open(t, k)
			whileLookingAt(t, k, c, []Token{closed, moved}, func(ctx context.Context) error {
				return errors.Join(k.Close(ctx, closed), k.MoveTo(ctx, moved, 4))
			})
			wantMissing(t, k, closed)
			if got, want := find(t, k, moved).PasswordVersion, int64(4); got != want {
				t.Fatalf("got version %d, want %d", got, want)
			}
		}
	})
}

func whileLookingAt(t *testing.T, k *Keeper, c *clock, tokens []Token, deed func(context.Context) error) {
	t.Helper()
	var lookers sync.WaitGroup
	for range 4 {
		lookers.Go(func() {
			for range 10 {
				for _, token := range tokens {
					c.pass(time.Microsecond)
					if _, err := k.Find(t.Context(), token); err != nil && !errors.Is(err, ErrMissing) {
						t.Error(err)
					}
				}
			}
		})
	}
	if err := deed(t.Context()); err != nil {
		t.Error(err)
	}
	lookers.Wait()
}

func TestABackendInReachAnswersThePing(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		if err := k.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
