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

// clock is a clock that tests move.
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

// onBoth runs a test on both backends.
func onBoth(t *testing.T, test func(t *testing.T, k *Keeper, c *clock)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		c := newClock()
		test(t, New(NewMemory(), idle, absolute, c.now), c)
	})
	t.Run("redis", func(t *testing.T) {
		c := newClock()
		test(t, New(testRedis(t), idle, absolute, c.now), c)
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

func TestAnUnknownTokenFindsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token := open(t, k)
		for _, text := range []string{
			"", "x", generateToken().Reveal(), token.Reveal() + "A", token.Reveal()[1:], string(make([]byte, 1<<20)),
		} {
			wantMissing(t, k, NewToken(text))
			if err := k.RaiseVersion(t.Context(), NewToken(text), 9); !errors.Is(err, ErrMissing) {
				t.Errorf("raising the version of no session: got %v, want ErrMissing", err)
			}
			if err := k.Close(t.Context(), NewToken(text)); err != nil {
				t.Errorf("closing no session: got %v, want no error", err)
			}
		}
		find(t, k, token)
	})
}

// Session fixation: in Keycloak a session that an attacker had planted became the signed-in one (CVE-2026-7507).
func TestEverySignInGetsANewToken(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		first, second := open(t, k), open(t, k)
		if first.Reveal() == second.Reveal() {
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
		wantMissing(t, k, token) // a clock that steps back does not restore it
	})
}

func TestABusySessionEndsAtItsAbsoluteTime(t *testing.T) {
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
		c.pass(-time.Second) // as on another server
		find(t, k, token)
		c.pass(time.Second + idle - time.Microsecond)
		find(t, k, token)
	})
}

func TestASessionTakesTheVersionOfItsOwnChange(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token, other := open(t, k), open(t, k)
		if err := k.RaiseVersion(t.Context(), token, 4); err != nil {
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

func TestAVersionIsNeverLowered(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		token := open(t, k)
		for _, version := range []int64{10, 9} { // compared as numbers, not as text
			if err := k.RaiseVersion(t.Context(), token, version); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := find(t, k, token).PasswordVersion, int64(10); got != want {
			t.Errorf("got version %d, want %d", got, want)
		}
	})
}

func TestAnEndedSessionTakesNoVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(idle)
		if err := k.RaiseVersion(t.Context(), token, 4); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
	})
}

func TestRaisingTheVersionDoesNotRestartTheIdleTime(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		token := open(t, k)
		c.pass(idle - time.Microsecond)
		if err := k.RaiseVersion(t.Context(), token, 4); err != nil {
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
		if err := k.RaiseVersion(t.Context(), token, 4); !errors.Is(err, ErrMissing) {
			t.Errorf("got %v, want ErrMissing", err)
		}
		wantMissing(t, k, token)
	})
}

// A Find that read the session before a concurrent Close or RaiseVersion must not write back what it read.
func TestFindNeverRestoresAClosedSessionOrAnOldVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, c *clock) {
		for range 20 {
			closed, raised := open(t, k), open(t, k)
			whileFinding(t, k, c, []Token{closed, raised}, func(ctx context.Context) error {
				return errors.Join(k.Close(ctx, closed), k.RaiseVersion(ctx, raised, 4))
			})
			wantMissing(t, k, closed)
			if got, want := find(t, k, raised).PasswordVersion, int64(4); got != want {
				t.Fatalf("got version %d, want %d", got, want)
			}
		}
	})
}

// whileFinding runs the change while other goroutines find the sessions.
func whileFinding(t *testing.T, k *Keeper, c *clock, tokens []Token, change func(context.Context) error) {
	t.Helper()
	var finders sync.WaitGroup
	for range 4 {
		finders.Go(func() {
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
	if err := change(t.Context()); err != nil {
		t.Error(err)
	}
	finders.Wait()
}

func TestABackendThatWorksAnswersThePing(t *testing.T) {
	onBoth(t, func(t *testing.T, k *Keeper, _ *clock) {
		if err := k.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
