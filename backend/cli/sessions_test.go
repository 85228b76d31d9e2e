package cli

import (
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"aikagi/backend/testkit"
)

const (
	onIPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"
	onWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
)

// signedIn returns a browser with the User-Agent in which taro has signed in.
func (s *site) signedIn(userAgent string) *browser {
	s.t.Helper()
	b := s.browser()
	b.extra = http.Header{"User-Agent": {userAgent}}
	b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
	return b
}

// sessions returns the devices of the listed sessions, with a star for the current one.
func (b *browser) sessions() []string {
	b.t.Helper()
	var devices []string
	for _, one := range b.want(200, "GET", "/api/member").json(b.t)["sessions"].([]any) {
		session := one.(map[string]any)
		if got, want := slices.Sorted(maps.Keys(session)), []string{"current", "device", "last_seen_at", "signed_in_at"}; !slices.Equal(got, want) {
			b.t.Errorf("a session tells %v, want %v", got, want)
		}
		device := session["device"].(string)
		if session["current"].(bool) {
			device += "*"
		}
		devices = append(devices, device)
	}
	return devices
}

func (b *browser) wantSessions(want ...string) {
	b.t.Helper()
	if got := b.sessions(); !slices.Equal(got, want) {
		b.t.Errorf("got sessions %v, want %v", got, want)
	}
}

func TestAMemberSeesEveryBrowserAndSignsOutOfAllOthers(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		phone, desk := s.signedIn(onIPhone), s.signedIn(onWindows)
		phone.wantSessions("iphone*", "windows")
		desk.wantSessions("windows*", "iphone")
		third := s.signedIn(onWindows)
		desk.want(204, "DELETE", "/api/session")
		phone.wantSessions("iphone*", "windows")

		phone.want(204, "DELETE", "/api/sessions")
		for _, path := range []string{"/api/session", "/api/member"} {
			third.want(401, "GET", path)
		}
		third.want(401, "DELETE", "/api/sessions")
		phone.wantSessions("iphone*")
		phone.want(204, "DELETE", "/api/sessions")

		again := s.signedIn(onWindows) // whoever knows the password can sign in again
		again.wantSessions("windows*", "iphone")
	})
}

func TestACrossSiteSignOutEverywhereElseEndsNothing(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		phone, desk := s.signedIn(onIPhone), s.signedIn(onWindows)
		desk.extra.Set("Sec-Fetch-Site", "cross-site")
		desk.want(403, "DELETE", "/api/sessions")
		phone.wantSessions("iphone*", "windows")
	})
}

func TestAPasswordChangeOnTheMemberPageEndsAllOtherSessions(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		phone, desk := s.signedIn(onIPhone), s.signedIn(onWindows)
		phone.want(204, "PUT", "/api/member/password", "current_password", oldPassword, "new_password", newPassword)
		phone.wantSessions("iphone*")
		desk.want(401, "DELETE", "/api/sessions")
		phone.wantSessions("iphone*")
	})
}

func TestASessionEndsAfterItsIdleTimeAndAfterItsAbsoluteTime(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		busy, idle := s.signedIn(onIPhone), s.signedIn(onWindows)
		pass := func(minutes int) { s.ahead.Add(int64(time.Duration(minutes) * time.Minute)) }
		pass(29)
		busy.wantSessions("iphone*", "windows")
		pass(2)
		busy.wantSessions("iphone*")
		idle.want(401, "GET", "/api/session")
		pass(27)
		busy.want(200, "GET", "/api/session")
		pass(3)
		busy.want(401, "GET", "/api/session")
		s.signedIn(onWindows).wantSessions("windows*")
	}, "AIKAGI_SESSION_IDLE=30m", "AIKAGI_SESSION_ABSOLUTE=1h")
}

// Promises 6 and 8: sessions that Redis cannot delete end with the password version.
func TestSessionsEndWithThePasswordAlthoughRedisIsAway(t *testing.T) {
	t.Parallel()
	target, err := url.Parse(testRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	redis := startRelay(t, target.Host)
	s := newSite(t, testkit.MySQL(t), "AIKAGI_REDIS=redis://"+redis.address+target.Path)
	old, b := s.signedIn(onWindows), s.browser()
	path := b.ask(taro, taroAddress)
	secret := temporaryPassword(t, s.letters(1)[0])

	redis.cut()
	wantAway := func() {
		t.Helper()
		for _, call := range [][2]string{
			{"GET", "/api/session"}, {"GET", "/api/member"}, {"DELETE", "/api/session"}, {"DELETE", "/api/sessions"},
		} {
			got := old.want(503, call[0], call[1])
			if got.json(t)["code"] != "unavailable" || got.header.Get("Retry-After") == "" {
				t.Errorf("%v: got %s, Retry-After %q; want unavailable and a wait", call, got.body, got.header.Get("Retry-After"))
			}
		}
	}
	wantAway()
	b.want(200, "POST", path+"/redemption", "temporary_password", secret)
	b.want(204, "PUT", path+"/password", "new_password", newPassword)
	b.want(503, "POST", "/api/session", "login_id", taro, "password", newPassword)
	wantAway()

	redis.restore()
	eventually(t, "Redis", func() bool {
		status := old.call("GET", "/api/session").status
		if status != http.StatusServiceUnavailable && status != http.StatusUnauthorized {
			t.Fatalf("got %d of a session whose password is an old one, want 401", status)
		}
		return status == http.StatusUnauthorized
	})
	old.want(401, "GET", "/api/member")
	old.want(401, "DELETE", "/api/sessions")
	b.extra = http.Header{"User-Agent": {onIPhone}}
	b.want(200, "POST", "/api/session", "login_id", taro, "password", newPassword)
	b.wantSessions("iphone*")
}

// relay forwards connections to a server, so that a test can cut the server off and connect it again with its data.
type relay struct {
	t               *testing.T
	address, target string

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
	isCut    bool
	work     sync.WaitGroup
}

func startRelay(t *testing.T, target string) *relay {
	t.Helper()
	r := &relay{t: t, address: "127.0.0.1:0", target: target}
	r.restore()
	t.Cleanup(r.cut)
	return r
}

// cut closes all connections and refuses new ones.
func (r *relay) cut() {
	r.mu.Lock()
	_ = r.listener.Close()
	for _, each := range r.open {
		_ = each.Close()
	}
	r.open, r.isCut = nil, true
	r.mu.Unlock()
	r.work.Wait()
}

// restore listens on the same address again.
func (r *relay) restore() {
	r.t.Helper()
	listener, err := new(net.ListenConfig).Listen(r.t.Context(), "tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	r.listener, r.address, r.isCut = listener, listener.Addr().String(), false
	r.mu.Unlock()
	r.work.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			r.forward(from)
		}
	})
}

// forward copies bytes in both directions until one side closes the connection.
func (r *relay) forward(from net.Conn) {
	to, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", r.target)
	if err != nil {
		_ = from.Close()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isCut {
		_, _ = from.Close(), to.Close()
		return
	}
	r.open = append(r.open, from, to)
	copyAll := func(into, out net.Conn) {
		_, _ = io.Copy(into, out)
		_, _ = into.Close(), out.Close()
	}
	r.work.Go(func() { copyAll(to, from) })
	r.work.Go(func() { copyAll(from, to) })
}
