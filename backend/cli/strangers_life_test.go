package cli

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// life is what a member does and what is done to one, with a model of what must come of it: a stranger cannot take any
// of it away.
type life struct {
	s        *site
	number   int
	id       member.LoginID
	memberID member.ID

	// The model.
	address        member.MailAddress
	version        int64
	active, voided bool
	password       string
	passwords      int // chosen so far

	seen   int // of the site's letters
	mailed []*mailedSecret
	notice *readNotice // the last

	watches []*watch

	began time.Time
	tries int              // to sign in, by browsers without a mark, that are used up
	own   []*markedBrowser // the member's
}

// mailedSecret is a temporary password that the member has read, with the recovery that its last letter links to.
type mailedSecret struct {
	text    string
	path    string
	at      time.Time // when that letter was read
	version int64
	ends    time.Time // as stated, to the minute
	used    bool
	grant   *openGrant
}

type openGrant struct {
	browser   *browser
	version   int64
	ends      time.Time
	completed bool
}

type readNotice struct {
	token   string
	version int64
	at      time.Time
}

func newLife(s *site, number int, hash string) *life {
	l := &life{
		s: s, number: number, id: member.LoginID(fmt.Sprintf("member%04d", number)), version: 1, active: true,
		password: oldPassword, seen: len(s.mails.Letters()), began: time.Now(),
	}
	l.address = l.addressNamed(0)
	err := s.server.store.Members().AddMembers(s.t.Context(), []member.Member{{
		LoginID: l.id, MailAddress: l.address, Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: s.now(),
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	found, err := s.server.store.Members().MembersNamed(s.t.Context(), []member.LoginID{l.id})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("members named %s: %d, %v", l.id, len(found), err)
	}
	l.memberID = found[0].ID
	return l
}

// nobody is the login ID, of the same length, that strangers try beside the member's.
func (l *life) nobody() string { return fmt.Sprintf("nobody%04d", l.number) }

func (l *life) addressNamed(n int) member.MailAddress {
	return member.MailAddress(fmt.Sprintf("%s.%d@xxx.mm-m.ne.jp", l.id, n))
}

// read takes in a letter, when it is the member's.
func (l *life) read(letter sink.Letter) {
	if !strings.HasPrefix(letter.To[0], string(l.id)+".") {
		return
	}
	if letter.TemporaryPassword() == "" {
		_, token := disavowal(l.s.t, letter)
		l.notice = &readNotice{token, l.version, l.s.now()}
		return
	}
	stated := testkit.LineAfter(l.s.t, mail.Message{Text: letter.Text}, "【有効期限】")
	ends, err := time.ParseInLocation("20060102 15:04", stated, time.FixedZone("JST", 9*60*60))
	if err != nil {
		l.s.t.Fatal(err)
	}
	read := &mailedSecret{text: letter.TemporaryPassword(), version: l.version}
	for _, known := range l.mailed {
		if known.text == read.text {
			read = known
		}
	}
	if read.path == "" {
		l.mailed = append(l.mailed, read)
	}
	read.path, read.at, read.ends = letter.RecoveryPath(), l.s.now(), ends
}

// isAbout says that a moment is too near to know on which side of it a call falls: letters state minutes.
func (l *life) isAbout(moment time.Time) bool {
	return l.s.now().Sub(moment).Abs() < 2*time.Minute
}

func (l *life) lives(m *mailedSecret) bool {
	return l.active && !m.used && m.version == l.version && l.s.now().Before(m.ends)
}

// pick draws one of the last secrets that were mailed; nil when there is none.
func (l *life) pick(r *rapid.T) *mailedSecret {
	if len(l.mailed) == 0 {
		return nil
	}
	last := min(3, len(l.mailed))
	return l.mailed[len(l.mailed)-1-rapid.IntRange(0, last-1).Draw(r, "secret, from the last")]
}

func want(r *rapid.T, got answer, status int, what string) {
	if got.status != status {
		r.Fatalf("%s: got %d %s, want %d", what, got.status, got.body, status)
	}
}

// ask is the member's own, a minute after the last letter; then an active member has a temporary password that lives.
func (l *life) ask(r *rapid.T) {
	l.s.pass(recovery.LetterEvery + time.Second)
	l.rest()
	l.s.browser().ask(string(l.id), string(l.address))
	l.rest()
	for _, m := range l.mailed {
		if l.lives(m) || l.isAbout(m.ends) {
			return
		}
	}
	if l.active {
		r.Fatal("an active member asked, and has no temporary password that lives")
	}
}

func (l *life) redeem(r *rapid.T) {
	if m := l.pick(r); m != nil {
		l.present(r, m)
	}
}

// present goes through the letter's own recovery, of which no stranger knows.
func (l *life) present(r *rapid.T, m *mailedSecret) {
	if l.isAbout(m.ends) || l.isAbout(m.at.Add(recovery.Waits)) {
		return
	}
	lives, b := l.lives(m), l.s.browser()
	got := b.call("POST", m.path+"/redemption", "temporary_password", m.text)
	switch {
	case !l.s.now().Before(m.at.Add(recovery.Waits)):
		want(r, got, 404, "redeem a day later")
	case !lives:
		want(r, got, 410, "redeem what lives no more")
		reason := recovery.ByExpiry
		if m.used && l.active {
			reason = recovery.ByUse
		}
		if told := got.json(l.s.t)["reason"]; told != string(reason) {
			r.Fatalf("redeem what lives no more: got the reason %v, want %s", told, reason)
		}
	default:
		want(r, got, 200, "redeem what lives")
		m.used = true
		m.grant = &openGrant{browser: b, version: l.version, ends: l.s.now().Add(recovery.GrantLifetime)}
	}
}

// set uses a grant that was opened at some time.
func (l *life) set(r *rapid.T) {
	if m := l.pick(r); m != nil && m.grant != nil && !l.isAbout(m.grant.ends) {
		l.setWith(r, m)
	}
}

func (l *life) opens(g *openGrant) bool {
	return g != nil && l.active && g.version == l.version && !g.completed && l.s.now().Before(g.ends)
}

func (l *life) setWith(r *rapid.T, m *mailedSecret) {
	opens, chosen := l.opens(m.grant), l.choose()
	got := m.grant.browser.call("PUT", m.path+"/password", "new_password", chosen)
	if !opens {
		want(r, got, 401, "set a password with a grant that is over")
		return
	}
	want(r, got, 204, "set a password with a grant")
	m.grant.completed = true
	l.setTo(chosen)
	if state := m.grant.browser.want(200, "GET", m.path).json(l.s.t)["state"]; state != "completed" {
		r.Fatalf("got the state %v, want completed", state)
	}
}

func (l *life) choose() string {
	l.passwords++
	return fmt.Sprintf("New-pass%03d", l.passwords)
}

func (l *life) setTo(chosen string) {
	l.version++
	l.password, l.voided = chosen, false
	l.rest() // the notice
}

// change is on the member page.
func (l *life) change(r *rapid.T) {
	b := l.pickOwn(r)
	if b == nil {
		l.memberSignsIn(r)
		b = l.pickOwn(r)
	}
	if b == nil || !l.signInMarked(r, b, l.password) {
		return
	}
	chosen := l.choose()
	got := b.call("PUT", "/api/member/password", "current_password", l.password, "new_password", chosen)
	want(r, got, 204, "change the password")
	l.setTo(chosen)
}

func (l *life) disavow(r *rapid.T) {
	if l.notice == nil || l.isAbout(l.notice.at.Add(recovery.DisavowalLasts)) {
		return
	}
	got := l.s.browser().call("POST", "/api/disavowals", "token", l.notice.token)
	if l.notice.version != l.version || l.s.now().After(l.notice.at.Add(recovery.DisavowalLasts)) {
		want(r, got, 410, "disavow what is over")
		return
	}
	want(r, got, 204, "disavow")
	l.version++
	l.voided = true
}

// operate does an operator's deed, as the commands do.
func (l *life) operate(r *rapid.T) {
	deeds := []member.ActivityKind{member.Voided, member.Voided, member.AddressChanged, member.WasSuspended}
	if !l.active {
		deeds = []member.ActivityKind{member.Resumed, member.Resumed, member.Voided, member.AddressChanged}
	}
	kind := rapid.SampledFrom(deeds).Draw(r, "deed")
	l.do(r, kind, l.addressNamed(rapid.IntRange(0, 2).Draw(r, "address")))
}

func (l *life) do(r *rapid.T, kind member.ActivityKind, address member.MailAddress) {
	changes := map[member.ActivityKind]bool{
		member.WasSuspended: l.active, member.Resumed: !l.active, member.Voided: !l.voided, member.AddressChanged: address != l.address,
	}[kind]
	changed, err := l.s.server.store.Members().Do(l.s.t.Context(), l.memberID, store.Deed{Kind: kind, Address: address}, l.s.now())
	if err != nil || changed != changes {
		r.Fatalf("%s: got %v, %v; want %v", kind, changed, err, changes)
	}
	if !changes {
		return
	}
	l.version++
	switch kind {
	case member.WasSuspended, member.Resumed:
		l.active = kind == member.Resumed
	case member.Voided:
		l.voided = true
	case member.AddressChanged:
		l.address = address
	}
}

func (l *life) expire(*rapid.T) { l.s.pass(61 * time.Minute) }

func (l *life) advance(r *rapid.T) {
	l.s.pass(rapid.SampledFrom([]time.Duration{
		10 * time.Minute, 10 * time.Minute, 33 * time.Minute, 5 * time.Hour, 25 * time.Hour,
	}).Draw(r, "by"))
}

// getBackIn is what the member must be able to do after all that.
func (l *life) getBackIn(r *rapid.T) {
	l.rest()
	if !l.active {
		l.do(r, member.Resumed, "")
	}
	l.ask(r)
	for _, m := range l.mailed {
		if l.isAbout(m.ends) {
			l.s.pass(5 * time.Minute)
			l.ask(r)
		}
	}
	for _, m := range l.mailed {
		l.present(r, m) // what is over stays so
	}
	for _, m := range l.mailed {
		if l.opens(m.grant) {
			l.setWith(r, m)
			// Redeeming has marked the browser, so it gets in whatever strangers have tried.
			want(r, m.grant.browser.call("POST", "/api/session", "login_id", string(l.id), "password", l.password), 200, "sign in at last")
			return
		}
	}
	r.Fatal("nothing let the member in at last")
}
