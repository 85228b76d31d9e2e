package testkit

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// CheapHashing keeps tests quick. What it costs in production is measured by npm run bench.
var CheapHashing = password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}

// World is the five steps over a real database, with a clock of its own and a mail server that keeps letters.
type World struct {
	Store    *store.Store
	Clock    *Clock
	Keys     *recovery.Ring
	Hasher   *password.Hasher
	Service  *recovery.Service
	Resolver *recovery.Resolver
	Postman  *mail.Postman
	Out      *Outbox

	sweeper *store.Sweeper
}

// NewWorld opens a database and sets the steps up over it. No worker runs until asked to.
func NewWorld(t testing.TB, settings store.Settings) *World {
	t.Helper()
	key, err := recovery.GenerateKey("test")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := recovery.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{
		Store:  Open(t, settings),
		Clock:  NewClock(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)),
		Keys:   keys,
		Hasher: password.NewHasher(CheapHashing, 4, time.Minute),
		Out:    &Outbox{},
	}
	log := slog.New(slog.DiscardHandler)
	w.Service = &recovery.Service{
		Store: w.Store.Recoveries(), Keys: keys, Hasher: w.Hasher, Now: w.Clock.Now, Log: log, WakePostman: func() {},
	}
	w.Resolver = recovery.NewResolver(w.Service)
	w.Postman = mail.NewPostman()
	w.Postman.Store, w.Postman.Transport, w.Postman.Keys = w.Store.Letters(), w.Out, keys
	w.Postman.Writer = mail.NewWriter(mail.Brand{PublicURL: "https://support.example.jp"})
	w.Postman.Lifetime, w.Postman.Now, w.Postman.Log, w.Postman.Senders = time.Hour, w.Clock.Now, log, 2
	return w
}

// Enrol adds an active member with a password hash.
func (w *World) Enrol(t testing.TB, id member.LoginID, address member.MailAddress, plain string) member.Member {
	t.Helper()
	hash, err := w.Hasher.Hash(t.Context(), password.MemberLane, password.NewPlain(plain))
	if err != nil {
		t.Fatal(err)
	}
	m := member.Member{
		LoginID: id, MailAddress: address, Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: w.Clock.Now(),
	}
	if err := w.Store.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
		t.Fatal(err)
	}
	return w.Member(t, id)
}

// Member reads a member anew.
func (w *World) Member(t testing.TB, id member.LoginID) member.Member {
	t.Helper()
	found, err := w.Store.Members().MembersNamed(t.Context(), []member.LoginID{id})
	if err != nil || len(found) != 1 {
		t.Fatalf("members named %s: %d, %v", id, len(found), err)
	}
	return found[0]
}

// Sweep deletes what is kept no longer, with no rest between the sets. The first call's keep holds for all.
func (w *World) Sweep(t Reporter, keep store.Retention) {
	t.Helper()
	if w.sweeper == nil {
		w.sweeper = w.Store.Sweeper(keep, w.Clock.Now, func(context.Context, time.Duration) {})
	}
	swept, err := w.sweeper.Sweep(t.Context())
	if err != nil || !swept {
		t.Fatal("sweep:", swept, err)
	}
}

// Reporter is what a *testing.T and a *rapid.T have in common here. A fault that is told to rapid's is told with the
// order of calls that led to it.
type Reporter interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
}

// Work lets the resolver and the postman do all that is due now, and returns the letters that came of it.
func (w *World) Work(t Reporter) []mail.Message {
	t.Helper()
	before := len(w.Out.Messages())
	if err := w.Resolver.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Postman.Drain(t.Context())
	return w.Out.Messages()[before:]
}

// Outbox is a transport that keeps what it is given, or answers as it is told to.
type Outbox struct {
	mu       sync.Mutex
	messages []mail.Message
	// Answer, when set, is asked what becomes of each message.
	Answer func(mail.Message) error
}

// Send answers mail.Transport.
func (o *Outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Answer != nil {
		if err := o.Answer(m); err != nil {
			return err
		}
	}
	o.messages = append(o.messages, m)
	return nil
}

// Check answers mail.Transport.
func (*Outbox) Check(context.Context) error { return nil }

// Close answers mail.Transport.
func (*Outbox) Close() error { return nil }

// Messages are all letters taken so far, oldest first.
func (o *Outbox) Messages() []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]mail.Message(nil), o.messages...)
}
