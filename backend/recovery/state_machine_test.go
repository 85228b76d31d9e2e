package recovery_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

// machine does what members, strangers and operators may do to one member, in any order, and keeps a model of what
// must come of it.
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

	mailed map[string]*mailedPassword // by the temporary password
	walks  []*modelWalk

	redeemedLast *modelWalk
}

type mailedPassword struct {
	version     int64
	first, ends time.Time
	used        bool
}

type modelWalk struct {
	walk
	guesses int
	grants  []modelGrant
}

// modelGrant was opened by its walk; only the latest of a walk counts.
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

// pick draws a recovery, a late one rather than an early one.
func (m *machine) pick(r *rapid.T) *modelWalk {
	if len(m.walks) == 0 {
		m.ask(r)
	}
	return m.walks[len(m.walks)-1-rapid.IntRange(0, len(m.walks)-1).Draw(r, "recovery, from the last")]
}

// ask is one of the member, of a stranger who knows the address, or of one who does not.
func (m *machine) ask(r *rapid.T) {
	address := rapid.SampledFrom([]member.MailAddress{m.address, m.address, "thief@example.com"}).Draw(r, "address")
	view, err := m.w.Service.Request(m.t.Context(), recovery.Ask{LoginID: m.id, MailAddress: address, Language: recovery.Japanese})
	if err != nil {
		r.Fatalf("ask: %v", err)
	}
	m.walks = append(m.walks, &modelWalk{walk: walk{m.w, m.t, view.ID}})
}

func (m *machine) askAgain(r *rapid.T) {
	walk := m.pick(r)
	err := m.w.Service.AskAgain(m.t.Context(), walk.id)
	if gone := m.isGone(r, walk); gone != errors.Is(err, recovery.ErrNotFound) || !gone && err != nil {
		r.Fatalf("ask again: got %v, gone: %v", err, gone)
	}
}

func (m *machine) isGone(r *rapid.T, walk *modelWalk) bool {
	return !m.now().Before(m.row(r, walk).GoneAt)
}

func (m *machine) row(r *rapid.T, walk *modelWalk) recovery.Recovery {
	row, err := m.w.Store.Recoveries().Recovery(m.t.Context(), walk.id)
	if err != nil {
		r.Fatal(err)
	}
	return row
}

// work lets the resolver and the postman work, and reads the letters as the member does.
func (m *machine) work(r *rapid.T) {
	for _, letter := range m.w.Work(r) {
		if letter.To == m.address { // the others were held for members of earlier runs
			m.read(r, letter)
		}
	}
}

func (m *machine) read(r *rapid.T, letter mail.Message) {
	if _, isNotice := cutLine(letter.Text, "【変更日時】"); isNotice {
		return
	}
	text, ends := testkit.TemporaryPasswordIn(m.t, letter).Reveal(), m.now().Add(time.Hour)
	if !m.active {
		r.Fatal("a suspended member was sent a temporary password")
	}
	if p := m.mailed[text]; p != nil {
		if !m.lives(p) {
			r.Fatalf("a temporary password that lives no more was mailed: %+v", *p)
		}
		if m.now().Before(p.first.Add(recovery.RenewalPeriod)) {
			p.ends = ends
		}
	} else {
		for _, other := range m.mailed {
			if m.lives(other) {
				r.Fatal("a member has two temporary passwords that live")
			}
		}
		m.mailed[text] = &mailedPassword{version: m.version, first: m.now(), ends: ends}
	}
	if got, want := expiry(m.t, letter), m.mailed[text].ends.Truncate(time.Minute); !got.Equal(want) {
		r.Fatalf("the letter states %s, want %s", got, want)
	}
	m.walks = append(m.walks, &modelWalk{walk: through(m.t, m.w, letter)})
}

// redeem types something at a recovery: what it leads to, what was ever mailed, or nonsense.
func (m *machine) redeem(r *rapid.T) {
	walk := m.pick(r)
	row := m.row(r, walk)
	right := m.w.Keys.TemporaryPassword(row.KeyName, row.MemberID, row.IssuanceID)
	candidates := []string{"Wrong2345"}
	for text := range m.mailed {
		candidates = append(candidates, text, right.Reveal())
	}
	typed := recovery.NewTemporaryPassword(rapid.SampledFrom(sorted(candidates)).Draw(r, "typed"))

	grant, err := walk.redeem(typed)
	p := m.mailed[right.Reveal()]
	switch {
	case m.isGone(r, walk):
		if !errors.Is(err, recovery.ErrNotFound) {
			r.Fatalf("gone: got %v", err)
		}
	case walk.guesses >= recovery.MaxGuesses:
		m.wantEnd(r, err, recovery.ByGuesses)
	case !right.Equals(typed):
		walk.guesses++
		var wrong *recovery.WrongError
		if !errors.As(err, &wrong) || wrong.GuessesLeft != recovery.MaxGuesses-walk.guesses {
			r.Fatalf("wrong: got %v, want %d left", err, recovery.MaxGuesses-walk.guesses)
		}
	case !m.active || !m.lives(p) && (p == nil || !p.used):
		m.wantEnd(r, err, recovery.ByExpiry)
	case p.used:
		m.wantEnd(r, err, recovery.ByUse)
	case err != nil:
		r.Fatalf("right: got %v", err)
	default:
		p.used, m.redeemedLast = true, walk
		walk.grants = append(walk.grants, modelGrant{grant: grant, text: right.Reveal(), version: m.version, ends: m.now().Add(recovery.GrantLifetime)})
	}
}

func (m *machine) wantEnd(r *rapid.T, err error, want recovery.EndReason) {
	var ended *recovery.EndedError
	if !errors.As(err, &ended) || ended.Reason != want {
		r.Fatalf("got %v, want an end by %s", err, want)
	}
}

// reset tries to set a password with any grant that was ever opened, at any recovery, or with none.
func (m *machine) reset(r *rapid.T) {
	from, grant, latest := m.pick(r), &modelGrant{grant: recovery.NewGrant("made up")}, false
	if m.redeemedLast != nil && rapid.IntRange(0, 3).Draw(r, "another's") < 3 {
		from = m.redeemedLast
	}
	at := from
	if rapid.IntRange(0, 3).Draw(r, "elsewhere") == 3 {
		at = m.pick(r)
	}
	if n := len(from.grants); n > 0 {
		i := rapid.IntRange(0, n-1).Draw(r, "grant")
		grant, latest = &from.grants[i], i == n-1
	}
	opens := latest && at == from && !grant.completed && m.now().Before(grant.ends) &&
		grant.tries < recovery.MaxGrantTries && m.active && grant.version == m.version
	wanted := fmt.Sprintf("New-pass%03d", m.sets)
	refused := false
	switch rapid.IntRange(0, 5).Draw(r, "kind of password") {
	case 4:
		wanted, refused = "New-0", true
	case 5: // one that was mailed: an earlier one may be set, what the grant was opened with or leads to may not
		if len(m.mailed) > 0 {
			wanted = rapid.SampledFrom(slices.Sorted(maps.Keys(m.mailed))).Draw(r, "mailed")
			row := m.row(r, at)
			leadsTo := m.w.Keys.TemporaryPassword(row.KeyName, row.MemberID, row.IssuanceID).Reveal()
			refused = wanted == grant.text || wanted == leadsTo || m.lives(m.mailed[wanted]) || wanted == m.password
		}
	}

	err := at.walk.reset(grant.grant, wanted)
	var rejected *recovery.RejectedError
	switch {
	case !opens:
		if !errors.Is(err, recovery.ErrGrantMissing) {
			r.Fatalf("a grant that opens nothing: got %v", err)
		}
	case refused:
		grant.tries++
		if !errors.As(err, &rejected) {
			r.Fatalf("a password that is too short, or a temporary one: got %v", err)
		}
	case err != nil:
		r.Fatalf("a good grant: got %v", err)
	default:
		grant.tries++
		grant.completed = true
		m.version++
		m.password = wanted
		m.sets++
	}
}

func (m *machine) advance(r *rapid.T) {
	m.w.Clock.Move(rapid.SampledFrom([]time.Duration{
		time.Second, time.Second, time.Minute, time.Minute, time.Minute, 10 * time.Minute, 29 * time.Minute, 50 * time.Minute, 61 * time.Minute, 5 * time.Hour, 23 * time.Hour,
	}).Draw(r, "by"))
}

// operate does an operator's deed. Each that changes something raises the version.
func (m *machine) operate(r *rapid.T) {
	if m.active && rapid.IntRange(0, 4).Draw(r, "rarely") < 4 {
		return
	}
	kind := rapid.SampledFrom([]member.ActivityKind{member.Resumed, member.Resumed, member.Voided, member.WasSuspended}).Draw(r, "deed")
	changed, err := m.w.Store.Members().Do(m.t.Context(), m.member().ID, store.MemberChange{Kind: kind}, m.now())
	if err != nil {
		r.Fatal(err)
	}
	if changed {
		m.version++
		m.active = m.active && kind != member.WasSuspended || kind == member.Resumed
	}
}

func (m *machine) member() member.Member { return m.w.Member(m.t, m.id) }

// check holds after every step: the password is the one that the model knows, and strangers hear of a recovery
// what was done through it.
func (m *machine) check(r *rapid.T) {
	now := m.member()
	if now.PasswordVersion != m.version || (now.Status == member.Active) != m.active {
		r.Fatalf("got version %d and status %s, want %d and active: %v", now.PasswordVersion, now.Status, m.version, m.active)
	}
	if !opensWith(m.t, m.w, now, m.password) {
		r.Fatal("the password is not the one that was set last")
	}
	for _, walk := range m.walks {
		view, err := m.w.Service.Look(m.t.Context(), walk.id, recovery.Grant{})
		if gone := errors.Is(err, recovery.ErrNotFound); gone != m.isGone(r, walk) || !gone && view.GuessesLeft != recovery.MaxGuesses-walk.guesses {
			r.Fatalf("a stranger hears %+v, %v; want %d guesses left", view, err, recovery.MaxGuesses-walk.guesses)
		}
	}
}

func TestNoOrderOfCallsSetsAPasswordWithoutRedeeming(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "30", "rapid.steps": "45"} { // each step commits to a disk
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	w := testkit.NewWorld(t, testkit.SQLite(t))
	members, sets := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		members++
		id := member.LoginID(fmt.Sprintf("member%d", members))
		m := &machine{
			w: w, t: t, id: id, address: member.MailAddress(id) + "@xxx.mm-m.ne.jp",
			version: 1, active: true, password: oldPassword, mailed: make(map[string]*mailedPassword),
		}
		w.Work(r) // what the last run left
		w.Enrol(t, m.id, m.address, oldPassword)
		r.Repeat(map[string]func(*rapid.T){
			"": m.check, "ask": m.ask, "ask and get the mail": func(r *rapid.T) { m.ask(r); m.work(r) },
			"ask again": m.askAgain, "work": m.work, "redeem": m.redeem, "redeem more": m.redeem,
			"reset": m.reset, "reset more": m.reset, "advance": m.advance, "operate": m.operate,
		})
		sets += m.sets
	})
	if sets == 0 {
		t.Error("no order of calls set a password at all")
	}
}
