package cli

import (
	"io"
	"net/http"
	"strings"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/store"
)

// The tests in attacks_*_test.go are named after the vulnerabilities of other systems, and make HTTP requests to a whole
// server. This file has what they share.

const (
	jiro        = "jiro5678"
	jiroAddress = "jiro@xxx.mm-m.ne.jp"
)

// sent is a request of any form; no browser would make some of them.
type sent struct {
	method, path, body string
	host, contentType  string // empty: the site's host, and JSON
	header             http.Header
}

// send sends the request with the browser's cookies.
func (b *browser) send(s sent) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), s.method, b.base+s.path, strings.NewReader(s.body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Host = s.host
	request.Header.Set("Content-Type", "application/json")
	if s.contentType != "" {
		request.Header.Set("Content-Type", s.contentType)
	}
	for name, values := range s.header {
		request.Header[name] = values
	}
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(got)}
}

// settings returns the settings of the site.
func (s *site) settings() config.Settings {
	s.t.Helper()
	settings, err := config.Load(config.Args{Environ: s.environ, Needs: config.All()})
	if err != nil {
		s.t.Fatal(err)
	}
	return settings
}

// add adds another active member, with the same password as the others.
func (s *site) add(id member.LoginID, address member.MailAddress) {
	s.t.Helper()
	hasher := password.NewHasher(password.Params{MemoryKiB: 8192, Iterations: 1, Parallelism: 1}, 1, time.Minute)
	hash, err := hasher.Hash(s.t.Context(), password.MemberLane, password.NewPlain(oldPassword))
	if err != nil {
		s.t.Fatal(err)
	}
	one := member.Member{
		LoginID: id, MailAddress: address, Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: time.Now().UTC(),
	}
	if err := s.server.store.Members().AddMembers(s.t.Context(), []member.Member{one}); err != nil {
		s.t.Fatal(err)
	}
}

// member reads a member over its own connection, as another server would.
func (s *site) member(id member.LoginID) member.Member {
	s.t.Helper()
	found, err := s.openAgain().Members().MembersNamed(s.t.Context(), []member.LoginID{id})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("members named %s: %d, %v", id, len(found), err)
	}
	return found[0]
}

// openAgain opens the site's database a second time.
func (s *site) openAgain() *store.Store {
	s.t.Helper()
	opened, err := store.Open(storeSettings(s.settings().Database), newLog(s.settings().LogText, nil, io.Discard))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return opened
}

// command runs an operator's command on the site's database.
func (s *site) command(args ...string) {
	s.t.Helper()
	if code, printed := runIn(s.t, s.environ, args...); code != exitDone {
		s.t.Fatalf("aikagi %s: %d %s", strings.Join(args, " "), code, printed)
	}
}

// redeemed asks for a recovery and redeems it. It returns the browser, the recovery's path and the temporary password.
func (s *site) redeemed(id, address string) (b *browser, path, secret string) {
	s.t.Helper()
	before := len(s.mails.Letters())
	b = s.browser()
	path = b.ask(id, address)
	secret = temporaryPassword(s.t, s.letters(before + 1)[0])
	b.want(http.StatusOK, "POST", path+"/redemption", "temporary_password", secret)
	return b, path, secret
}

// wantUnchanged fails the test if the member's password was changed, or if the site has sent another number of letters.
func (s *site) wantUnchanged(id string, mails int) {
	s.t.Helper()
	s.settled()
	if got := len(s.mails.Letters()); got != mails {
		s.t.Errorf("got %d letters, want %d", got, mails)
	}
	if got := s.member(member.LoginID(id)).PasswordVersion; got != 1 {
		s.t.Errorf("%s has password version %d, want 1", id, got)
	}
	s.browser().want(http.StatusOK, "POST", "/api/session", "login_id", id, "password", oldPassword)
}
