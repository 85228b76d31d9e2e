package recovery_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// machine makes the calls of members, strangers and operators about one member, in any order, and has a model of the state that must
// result. It is a state machine for rapid.
type machine struct {
	w       *testkit.World
	t       *testing.T
	id      member.LoginID
	address member.MailAddress

	// The model of the member.
	version  int64
	active   bool
	password string
	sets     int // passwords set so far

	mailed   map[string]*mailedPassword // by its text
	browsers []*modelBrowser

	redeemedLast *modelBrowser
}

type mailedPassword struct {
	version     int64
	first, ends time.Time
	used        bool
}

type modelBrowser struct {
	browser
	guesses int
	grants  []modelGrant
}

// modelGrant is a grant that its browser opened. Only the latest grant of a browser is valid.
type modelGrant struct {
	grant     recovery.Grant
	text      string // the temporary password that it was opened with
	version   int64
	ends      time.Time
	tries     int
	completed bool
}

func (m *machine) now() time.Time { return m.w.Clock.Now() }

func (m *machine) lives(p *mailedPassword) bool {
	return p != nil && !p.used && p.version == m.version && m.now().Before(p.ends)
}

// pick draws a recovery, and prefers late ones.
func (m *machine) pick(r *rapid.T) *modelBrowser {
	if len(m.browsers) == 0 {
		m.ask(r)
	}
	return m.browsers[len(m.browsers)-1-rapid.IntRange(0, len(m.browsers)-1).Draw(r, "recovery, from the last")]
}

func (m *machine) isGone(r *rapid.T, browser *modelBrowser) bool {
	return !m.now().Before(m.row(r, browser).GoneAt)
}

func (m *machine) row(r *rapid.T, browser *modelBrowser) recovery.Recovery {
	row, err := m.w.Store.Recoveries().Recovery(m.t.Context(), browser.id)
	if err != nil {
		r.Fatal(err)
	}
	return row
}

func (m *machine) member() member.Member { return m.w.Member(m.t, m.id) }

// check runs after every step: the password is that of the model, and strangers see of each recovery only its own guesses.
func (m *machine) check(r *rapid.T) {
	now := m.member()
	if now.PasswordVersion != m.version || (now.Status == member.Active) != m.active {
		r.Fatalf("got version %d and status %s, want %d and active: %v", now.PasswordVersion, now.Status, m.version, m.active)
	}
	if !hasPassword(m.t, m.w, now, m.password) {
		r.Fatal("the password is not the one that was set last")
	}
	for _, browser := range m.browsers {
		view, err := m.w.Service.Look(m.t.Context(), browser.id, recovery.Grant{})
		if gone := errors.Is(err, recovery.ErrNotFound); gone != m.isGone(r, browser) || !gone && view.GuessesLeft != recovery.MaxGuesses-browser.guesses {
			r.Fatalf("a stranger sees %+v, %v; want %d guesses left", view, err, recovery.MaxGuesses-browser.guesses)
		}
	}
}
