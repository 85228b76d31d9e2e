package cli

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// The steps of a member's life. Each draws its parameters from r and updates the model.

func want(r *rapid.T, got answer, status int, what string) {
	if got.status != status {
		r.Fatalf("%s: got %d %s, want %d", what, got.status, got.body, status)
	}
}

// ask is the member's request, a minute after the latest letter. After it an active member has a live temporary password.
func (l *life) ask(r *rapid.T) {
	l.s.pass(recovery.LetterInterval + time.Second)
	l.settle()
	l.s.browser().ask(string(l.id), string(l.address))
	l.settle()
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

// present redeems through the letter's own recovery, which no stranger knows.
func (l *life) present(r *rapid.T, m *mailedSecret) {
	if l.isAbout(m.ends) || l.isAbout(m.at.Add(recovery.Lifetime)) {
		return
	}
	lives, b := l.lives(m), l.s.browser()
	got := b.call("POST", m.path+"/redemption", "temporary_password", m.text)
	switch {
	case !l.s.now().Before(m.at.Add(recovery.Lifetime)):
		want(r, got, 404, "redeem a day later")
	case !lives:
		want(r, got, 410, "redeem what has ended")
		reason := recovery.ByExpiry
		if m.used && l.active {
			reason = recovery.ByUse
		}
		if told := got.json(l.s.t)["reason"]; told != string(reason) {
			r.Fatalf("redeem what has ended: got the reason %v, want %s", told, reason)
		}
	default:
		want(r, got, 200, "redeem what is live")
		m.used = true
		m.grant = &openGrant{browser: b, version: l.version, ends: l.s.now().Add(recovery.GrantLifetime)}
	}
}

// set uses an earlier grant.
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
	l.settle() // for the notice
}

// change changes the password on the member page.
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
	if l.notice == nil || l.isAbout(l.notice.at.Add(recovery.DisavowalLifetime)) {
		return
	}
	got := l.s.browser().call("POST", "/api/disavowals", "token", l.notice.token)
	if l.notice.version != l.version || l.s.now().After(l.notice.at.Add(recovery.DisavowalLifetime)) {
		want(r, got, 410, "disavow what is over")
		return
	}
	want(r, got, 204, "disavow")
	l.version++
	l.voided = true
}

// operate makes one of the changes that operators make.
func (l *life) operate(r *rapid.T) {
	kinds := []member.ActivityKind{member.Voided, member.Voided, member.AddressChanged, member.WasSuspended}
	if !l.active {
		kinds = []member.ActivityKind{member.Resumed, member.Resumed, member.Voided, member.AddressChanged}
	}
	kind := rapid.SampledFrom(kinds).Draw(r, "change")
	l.operateOn(r, kind, l.addressNamed(rapid.IntRange(0, 2).Draw(r, "address")))
}

// operateOn makes one change to the member.
func (l *life) operateOn(r *rapid.T, kind member.ActivityKind, address member.MailAddress) {
	changes := map[member.ActivityKind]bool{
		member.WasSuspended: l.active, member.Resumed: !l.active, member.Voided: !l.voided, member.AddressChanged: address != l.address,
	}[kind]
	changed, err := l.s.server.store.Members().Do(l.s.t.Context(), l.memberID, store.MemberChange{Kind: kind, Address: address}, l.s.now())
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

// recoverAtLast recovers the password, which the member must be able to do after everything else.
func (l *life) recoverAtLast(r *rapid.T) {
	l.settle()
	if !l.active {
		l.operateOn(r, member.Resumed, "")
	}
	l.ask(r)
	for _, m := range l.mailed {
		if l.isAbout(m.ends) {
			l.s.pass(5 * time.Minute)
			l.ask(r)
		}
	}
	for _, m := range l.mailed {
		l.present(r, m) // what has ended stays ended
	}
	for _, m := range l.mailed {
		if l.opens(m.grant) {
			l.setWith(r, m)
			// Redeeming has marked the browser, so it can sign in whatever strangers have tried.
			want(r, m.grant.browser.call("POST", "/api/session", "login_id", string(l.id), "password", l.password), 200, "sign in at last")
			return
		}
	}
	r.Fatal("the member could not recover at last")
}
