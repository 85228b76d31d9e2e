package testkit

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// CheapHashing makes hashing fast enough for tests.
var CheapHashing = password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}

// World is the recovery over a real database: its service and workers, a clock that the test moves, and an Outbox in place of
// the mail server.
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

// NewWorld opens a database and makes the services. The workers only run when the test calls Work or Sweep.
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

// Member returns a member as the database has it now.
func (w *World) Member(t testing.TB, id member.LoginID) member.Member {
	t.Helper()
	found, err := w.Store.Members().MembersNamed(t.Context(), []member.LoginID{id})
	if err != nil || len(found) != 1 {
		t.Fatalf("members named %s: %d, %v", id, len(found), err)
	}
	return found[0]
}

// Sweep deletes expired rows, without pauses. The retention of the first call holds for all later ones too.
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

// Reporter is a *testing.T or a *rapid.T. A failure that is reported to rapid's shows the calls that led to it.
type Reporter interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
}

// Work runs the resolver and the postman until nothing is due, and returns the letters that they sent.
func (w *World) Work(t Reporter) []mail.Message {
	t.Helper()
	before := len(w.Out.Messages())
	if err := w.Resolver.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Postman.Drain(t.Context())
	return w.Out.Messages()[before:]
}
