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

// ask is a request by the member, by a stranger who knows the address, or by one who does not.
func (m *machine) ask(r *rapid.T) {
	address := rapid.SampledFrom([]member.MailAddress{m.address, m.address, "thief@example.com"}).Draw(r, "address")
	view, err := m.w.Service.Request(m.t.Context(), recovery.Ask{LoginID: m.id, MailAddress: address, Language: recovery.Japanese})
	if err != nil {
		r.Fatalf("ask: %v", err)
	}
	m.browsers = append(m.browsers, &modelBrowser{browser: browser{m.w, m.t, view.ID}})
}

func (m *machine) askAgain(r *rapid.T) {
	browser := m.pick(r)
	err := m.w.Service.AskAgain(m.t.Context(), browser.id)
	if gone := m.isGone(r, browser); gone != errors.Is(err, recovery.ErrNotFound) || !gone && err != nil {
		r.Fatalf("ask again: got %v, gone: %v", err, gone)
	}
}

// work runs the resolver and the postman, and reads the letters as the member does.
func (m *machine) work(r *rapid.T) {
	for _, letter := range m.w.Work(r) {
		if letter.To == m.address { // the others waited for members of earlier runs
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
			r.Fatalf("a temporary password that is not live was mailed: %+v", *p)
		}
		if m.now().Before(p.first.Add(recovery.RenewalPeriod)) {
			p.ends = ends
		}
	} else {
		for _, other := range m.mailed {
			if m.lives(other) {
				r.Fatal("a member has two live temporary passwords")
			}
		}
		m.mailed[text] = &mailedPassword{version: m.version, first: m.now(), ends: ends}
	}
	if got, want := statedExpiry(m.t, letter), m.mailed[text].ends.Truncate(time.Minute); !got.Equal(want) {
		r.Fatalf("the letter states %s, want %s", got, want)
	}
	m.browsers = append(m.browsers, &modelBrowser{browser: openLink(m.t, m.w, letter)})
}

// redeem types a temporary password at a recovery: the right one, one that was ever mailed, or a wrong one.
func (m *machine) redeem(r *rapid.T) {
	browser := m.pick(r)
	row := m.row(r, browser)
	right := m.w.Keys.TemporaryPassword(row.KeyName, row.MemberID, row.IssuanceID)
	candidates := []string{"Wrong2345"}
	for text := range m.mailed {
		candidates = append(candidates, text, right.Reveal())
	}
	typed := recovery.NewTemporaryPassword(rapid.SampledFrom(sorted(candidates)).Draw(r, "typed"))

	grant, err := browser.redeem(typed)
	p := m.mailed[right.Reveal()]
	switch {
	case m.isGone(r, browser):
		if !errors.Is(err, recovery.ErrNotFound) {
			r.Fatalf("gone: got %v", err)
		}
	case browser.guesses >= recovery.MaxGuesses:
		m.wantEnd(r, err, recovery.ByGuesses)
	case !right.Equals(typed):
		browser.guesses++
		var wrong *recovery.WrongError
		if !errors.As(err, &wrong) || wrong.GuessesLeft != recovery.MaxGuesses-browser.guesses {
			r.Fatalf("wrong: got %v, want %d left", err, recovery.MaxGuesses-browser.guesses)
		}
	case !m.active || !m.lives(p) && (p == nil || !p.used):
		m.wantEnd(r, err, recovery.ByExpiry)
	case p.used:
		m.wantEnd(r, err, recovery.ByUse)
	case err != nil:
		r.Fatalf("right: got %v", err)
	default:
		p.used, m.redeemedLast = true, browser
		browser.grants = append(browser.grants, modelGrant{grant: grant, text: right.Reveal(), version: m.version, ends: m.now().Add(recovery.GrantLifetime)})
	}
}

func (m *machine) wantEnd(r *rapid.T, err error, want recovery.EndReason) {
	var ended *recovery.EndedError
	if !errors.As(err, &ended) || ended.Reason != want {
		r.Fatalf("got %v, want an end by %s", err, want)
	}
}

// reset tries to set a password with a grant that was ever opened, or with none, at any recovery.
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
	isValid := latest && at == from && !grant.completed && m.now().Before(grant.ends) &&
		grant.tries < recovery.MaxGrantTries && m.active && grant.version == m.version
	wanted := fmt.Sprintf("New-pass%03d", m.sets)
	refused := false
	switch rapid.IntRange(0, 5).Draw(r, "kind of password") {
	case 4:
		wanted, refused = "New-0", true
	case 5: // one that was mailed: refused if it opened the grant, if the recovery leads to it, or if it is live
		if len(m.mailed) > 0 {
			wanted = rapid.SampledFrom(slices.Sorted(maps.Keys(m.mailed))).Draw(r, "mailed")
			row := m.row(r, at)
			leadsTo := m.w.Keys.TemporaryPassword(row.KeyName, row.MemberID, row.IssuanceID).Reveal()
			refused = wanted == grant.text || wanted == leadsTo || m.lives(m.mailed[wanted]) || wanted == m.password
		}
	}

	err := at.browser.reset(grant.grant, wanted)
	var rejected *recovery.RejectedError
	switch {
	case !isValid:
		if !errors.Is(err, recovery.ErrGrantMissing) {
			r.Fatalf("a grant that is not valid: got %v", err)
		}
	case refused:
		grant.tries++
		if !errors.As(err, &rejected) {
			r.Fatalf("a password that is too short, or a temporary one: got %v", err)
		}
	case err != nil:
		r.Fatalf("a valid grant: got %v", err)
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

// operate makes an operator's change. A change that succeeds raises the version.
func (m *machine) operate(r *rapid.T) {
	if m.active && rapid.IntRange(0, 4).Draw(r, "rarely") < 4 {
		return
	}
	kind := rapid.SampledFrom([]member.ActivityKind{member.Resumed, member.Resumed, member.Voided, member.WasSuspended}).Draw(r, "change")
	changed, err := m.w.Store.Members().Do(m.t.Context(), m.member().ID, store.MemberChange{Kind: kind}, m.now())
	if err != nil {
		r.Fatal(err)
	}
	if changed {
		m.version++
		m.active = m.active && kind != member.WasSuspended || kind == member.Resumed
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
		w.Work(r) // the asks and letters of the last run
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
