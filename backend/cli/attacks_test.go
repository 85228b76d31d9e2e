package cli

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/store"
)

// The tests of attacks_*_test.go are named after what broke in other systems, and go over the wire. What they have in
// common is here.

const (
	jiro        = "jiro5678"
	jiroAddress = "jiro@xxx.mm-m.ne.jp"
)

// sent is a request that no browser would make.
type sent struct {
	method, path, body string
	host, contentType  string // when empty, the site's own and JSON
	header             http.Header
}

// send makes the request, with the browser's cookies.
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

// settings are those that the site runs with.
func (s *site) settings() config.Settings {
	s.t.Helper()
	settings, err := config.Load(config.Args{Environ: s.environ, Needs: config.All()})
	if err != nil {
		s.t.Fatal(err)
	}
	return settings
}

// add enrols another active member, with the password that they all have.
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

// member reads a member over a connection of its own: what another server would see.
func (s *site) member(id member.LoginID) member.Member {
	s.t.Helper()
	found, err := s.elsewhere().Members().MembersNamed(s.t.Context(), []member.LoginID{id})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("members named %s: %d, %v", id, len(found), err)
	}
	return found[0]
}

// elsewhere opens the site's database once more.
func (s *site) elsewhere() *store.Store {
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

// command runs one of the operator's commands on the site's database.
func (s *site) command(args ...string) {
	s.t.Helper()
	var out bytes.Buffer
	p := &program{
		ctx: s.t.Context(), app: noApp, stdout: &out, stderr: &out, environ: s.environ,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
	}
	if code := run(p, args); code != exitDone {
		s.t.Fatalf("aikagi %s: %d %s", strings.Join(args, " "), code, out.String())
	}
}

// redeemed is a browser whose recovery was asked for and redeemed, with the recovery's path and its letter's secret.
func (s *site) redeemed(id, address string) (b *browser, path, secret string) {
	s.t.Helper()
	before := len(s.mails.Letters())
	b = s.browser()
	path = b.ask(id, address)
	secret = temporaryPassword(s.t, s.letters(before + 1)[0])
	b.want(http.StatusOK, "POST", path+"/redemption", "temporary_password", secret)
	return b, path, secret
}

// wantUnchanged fails the test when the member has another password than the site's first, or was mailed.
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
