package web

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/login"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
)

const (
	publicURL  = "https://support.example.jp"
	waitingID  = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	endedID    = "BBBBBBBBBBBBBBBBBBBBBBBBBB"
	brokenID   = "CCCCCCCCCCCCCCCCCCCCCCCCCC"
	panickyID  = "DDDDDDDDDDDDDDDDDDDDDDDDDD"
	unknownID  = "ZZZZZZZZZZZZZZZZZZZZZZZZZZ"
	memberPass = "Right-pass9"
)

var (
	now            = time.Date(2026, 4, 1, 9, 30, 0, 0, time.UTC)
	errUnreachable = errors.New("dial tcp 10.1.2.3:3306: connection refused")
)

// fakeStore is a database with two recoveries and two faults. The tests call no method that it lacks, which would panic.
type fakeStore struct {
	recovery.Store
	mu     sync.Mutex
	added  []recovery.Recovery
	writes int
	hash   string
}

func (f *fakeStore) AddRecovery(_ context.Context, r recovery.Recovery) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes++
	f.added = append(f.added, r)
	return nil
}

func (f *fakeStore) Recovery(_ context.Context, id recovery.ID) (recovery.Recovery, error) {
	r := recovery.Recovery{ID: id, Receipt: "12345678", LoginID: "abcd", KeyName: "k", GoneAt: now.Add(time.Hour), Guesses: 1}
	switch id {
	case waitingID:
		return r, nil
	case endedID:
		r.Guesses = recovery.MaxGuesses
		return r, nil
	case brokenID:
		return r, errUnreachable
	case panickyID:
		panic("a secret of the database")
	}
	return r, recovery.ErrNotFound
}

func (f *fakeStore) AskAgain(_ context.Context, id recovery.ID, _ time.Time) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes++
	return id == waitingID, nil
}

func (f *fakeStore) CountGuess(_ context.Context, id recovery.ID, _ time.Time) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes++
	return id == waitingID, nil
}

func (f *fakeStore) written() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// fakeMembers is a database with one member, for package login.
type fakeMembers struct {
	login.Store
	*fakeStore
}

func (f fakeMembers) MemberNamed(_ context.Context, id member.LoginID, _ member.ID) (member.Member, error) {
	if id == "abcd" {
		return f.member(), nil
	}
	return member.Member{}, recovery.ErrNotFound
}

func (f fakeMembers) Member(context.Context, member.ID) (member.Member, error) {
	return f.member(), nil
}

func (f fakeMembers) member() member.Member {
	return member.Member{
		ID: 7, LoginID: "abcd", MailAddress: "abcd@xxx.mm-m.ne.jp", Status: member.Active,
		PasswordHash: f.hash, PasswordVersion: 3,
	}
}

func (fakeMembers) LastMember(context.Context) (member.ID, error) { return 7, nil }

func (f fakeMembers) InTx(_ context.Context, do func(login.Store) error) error { return do(f) }

func (fakeMembers) HasActivity(context.Context, string) (bool, error) { return false, nil }

func (fakeMembers) AddActivity(context.Context, member.Activity) error { return nil }

func (fakeMembers) AddLetter(context.Context, recovery.DueLetter) error { return nil }

func (f fakeMembers) SetPassword(context.Context, member.ID, int64, string, time.Time) (bool, error) {
	return true, nil
}

func (fakeMembers) Activities(context.Context, member.ID, int) ([]member.Activity, error) {
	return []member.Activity{{At: now, Kind: member.SignedIn, By: member.ByMember, Device: member.IPhone}}, nil
}

// lockedLog is a log that a test can read while the server writes to it.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lockedLog) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}

// fixture is a server whose dependencies are fakes.
type fixture struct {
	*Server
	store *fakeStore
	log   *lockedLog
	base  string
}

// newFixture makes a server that does not listen yet.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	key, err := recovery.NewKey("k", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := recovery.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	var (
		params = password.Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1}
		hasher = password.NewHasher(params, 2, time.Second)
		clock  = func() time.Time { return now }
		h      = &fixture{store: &fakeStore{}, log: &lockedLog{}}
		log    = slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	)
	if h.store.hash, err = hasher.Hash(t.Context(), password.MemberLane, password.NewPlain(memberPass)); err != nil {
		t.Fatal(err)
	}
	h.Server = &Server{
		Recovery: &recovery.Service{Store: h.store, Keys: ring, Hasher: hasher, Now: clock, Log: log, Wake: func() {}, WakePostman: func() {}},
		Login: &login.Service{
			Store: fakeMembers{nil, h.store}, Hasher: hasher, Dummies: password.NewDummies(ring.DummyKey(), params),
			Now: clock, Log: log, WakePostman: func() {},
		},
		Sessions: session.New(session.NewMemory(), 30*time.Minute, 12*time.Hour, clock),
		Devices:  session.NewDevices([32]byte{}),
		Site: Site{
			Brand:       Brand{Name: Both{"IMS", "IMS"}, Copyright: "© IMS"},
			HelpDesk:    HelpDesk{Name: Both{"ヘルプデスク", "Help desk"}, Phone: "0120-000-000", Mail: "help@example.jp"},
			LoginSuffix: "@wakwak.com",
		},
		App:         builtApp(),
		PublicURL:   publicURL,
		HSTS:        63072000,
		Mailbox:     mail.NewMailbox(),
		Unavailable: func(err error) bool { return errors.Is(err, errUnreachable) },
		Readiness:   NewReadiness(log),
		Now:         clock,
		Log:         log,
	}
	return h
}

// start applies the changes and serves the public listener until the test ends.
func start(t *testing.T, changes ...func(*Server)) *fixture {
	t.Helper()
	h := newFixture(t)
	for _, change := range changes {
		change(h.Server)
	}
	h.base = serveOn(t, h.Public(), Guard(listenOnLoopback(t)))
	return h
}

func withDemo(s *Server) { s.Demo, s.PublicURL = true, "http://localhost:8080" }

// serveOn serves until the test ends. It returns the URL of the listener.
func serveOn(t *testing.T, app *fiber.App, listener net.Listener) (base string) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(time.Second); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		_ = listener.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

const builtIndex = `<!doctype html><html><head><script type="application/json" id="site"></script></head>` +
	`<body><div id="app"><p><!--brand--></p><main><!--help-desk--></main><small><!--copyright--></small></div></body></html>`

func builtApp() fs.FS {
	return fstest.MapFS{
		".gitkeep":               {},
		"index.html":             {Data: []byte(builtIndex)},
		"assets/app-Ab_3.js":     {Data: bytes.Repeat([]byte("let a = 1;\n"), 100)},
		"assets/app-Ab_3.js.map": {Data: []byte("{}")},
		"assets/look-1.css":      {Data: bytes.Repeat([]byte("a { color: red }\n"), 100)},
		"assets/look-1.css.br":   {Data: []byte("made by the build")},
		"assets/rest-Cd_4.js":    {Data: []byte("let b = 2;\n")},
		"icon.svg":               {Data: []byte("<svg/>")},
	}
}

func readSource(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
