package login

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// tables are the rows of fakeStore. Package store tests the real database for the same behaviour.
type tables struct {
	members    map[member.ID]member.Member
	activities []member.Activity
	letters    []recovery.DueLetter
}

func (t tables) clone() tables {
	members := make(map[member.ID]member.Member, len(t.members))
	for id, m := range t.members {
		members[id] = m
	}
	return tables{members, slices.Clone(t.activities), slices.Clone(t.letters)}
}

// fakeStore is a Store in memory. A transaction works on a copy of the tables, which replaces them at the commit.
// Transactions run one after the other.
type fakeStore struct {
	mu     sync.Mutex
	tables tables
	calls  []string
	fail   map[string]error
	// lostAnswers is the number of commits whose answer gets lost, so that the transaction runs again.
	lostAnswers int
	// afterMember runs after a member was read. It is a concurrent change while a hash is computed.
	afterMember func(t *tables)
}

var errLost = errors.New("connection lost")

func (f *fakeStore) InTx(ctx context.Context, do func(Store) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "InTx")
	for {
		tx := &fakeStore{tables: f.tables.clone(), fail: f.fail}
		if err := do(tx); err != nil {
			return err
		}
		f.tables = tx.tables
		if f.lostAnswers == 0 {
			return nil
		}
		f.lostAnswers--
	}
}

// do runs one statement.
func (f *fakeStore) do(name string, statement func(t *tables)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if err := f.fail[name]; err != nil {
		return err
	}
	statement(&f.tables)
	return nil
}

func (f *fakeStore) find(name string, is func(*tables, member.Member) bool) (member.Member, error) {
	found, notFound := member.Member{}, recovery.ErrNotFound
	err := f.do(name, func(t *tables) {
		for _, m := range t.members {
			if is(t, m) {
				found, notFound = m, nil
			}
		}
		if f.afterMember != nil {
			f.afterMember(t)
		}
	})
	if err != nil {
		return member.Member{}, err
	}
	return found, notFound
}

func (f *fakeStore) MemberNamed(_ context.Context, id member.LoginID, dummy member.ID) (member.Member, error) {
	return f.find("MemberNamed", func(t *tables, m member.Member) bool {
		for _, other := range t.members {
			if other.LoginID == id {
				return m.LoginID == id
			}
		}
		return m.ID == dummy
	})
}

func (f *fakeStore) Member(_ context.Context, id member.ID) (member.Member, error) {
	return f.find("Member", func(_ *tables, m member.Member) bool { return m.ID == id })
}

func (f *fakeStore) LastMember(context.Context) (last member.ID, err error) {
	err = f.do("LastMember", func(t *tables) { last = member.ID(len(t.members)) })
	return last, err
}

func (f *fakeStore) Rehash(_ context.Context, id member.ID, oldHash, newHash string) (replaced bool, err error) {
	err = f.do("Rehash", func(t *tables) {
		m, there := t.members[id]
		if replaced = there && m.PasswordHash == oldHash; replaced {
			m.PasswordHash = newHash
			t.members[id] = m
		}
	})
	return replaced, err
}

func (f *fakeStore) SetPassword(_ context.Context, id member.ID, version int64, hash string, now time.Time) (set bool, err error) {
	err = f.do("SetPassword", func(t *tables) {
		m, there := t.members[id]
		if set = there && m.Status == member.Active && m.PasswordVersion == version; set {
			m.PasswordHash, m.PasswordVersion, m.PasswordChangedAt, m.VoidedAt = hash, version+1, &now, nil
			t.members[id] = m
		}
	})
	return set, err
}

func (f *fakeStore) Activities(_ context.Context, id member.ID, limit int) (latest []member.Activity, err error) {
	err = f.do("Activities", func(t *tables) {
		for _, a := range slices.Backward(t.activities) {
			if a.MemberID == id && len(latest) < limit {
				latest = append(latest, a)
			}
		}
	})
	return latest, err
}

func (f *fakeStore) AddActivity(_ context.Context, a member.Activity) error {
	return f.do("AddActivity", func(t *tables) { t.activities = append(t.activities, a) })
}

func (f *fakeStore) HasActivity(_ context.Context, id string) (has bool, err error) {
	err = f.do("HasActivity", func(t *tables) {
		has = slices.ContainsFunc(t.activities, func(a member.Activity) bool { return a.ID == id })
	})
	return has, err
}

func (f *fakeStore) AddLetter(_ context.Context, l recovery.DueLetter) error {
	return f.do("AddLetter", func(t *tables) { t.letters = append(t.letters, l) })
}

// The login IDs of the members. All have rightPassword except neverSet, who has no password.
const (
	active     = "active"
	imported   = "imported"
	suspended  = "suspended"
	cancelled  = "cancelled"
	voided     = "voided"
	neverSet   = "never"
	unreadable = "unreadable"
	nobody     = "nobody"

	rightPassword = "Former-pass9"
	// bcryptHash is a hash of rightPassword by another system.
	bcryptHash = "$2a$04$epb9Oza9EH5.x1H0PAkgQubD.ru8A1i1XMm.vcYxOlPWqBKln3TTK"
	// unreadableHash has an unknown scheme.
	unreadableHash = "$rot13$Sbezre-cnff9"
)

var cheap = password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}

// fixture is a Service with its dependencies.
type fixture struct {
	*Service
	store *fakeStore
	now   time.Time
	log   *bytes.Buffer
	woken atomic.Int32
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), log: new(bytes.Buffer)}
	hasher := password.NewHasher(cheap, 2, time.Minute)
	hash, err := hasher.Hash(t.Context(), password.MemberLane, password.NewPlain(rightPassword))
	if err != nil {
		t.Fatal(err)
	}
	when := f.now.Add(-time.Hour)
	f.store = &fakeStore{tables: tables{
		members: map[member.ID]member.Member{
			1: {LoginID: active, Status: member.Active, PasswordHash: hash},
			2: {LoginID: imported, Status: member.Active, PasswordHash: bcryptHash},
			3: {LoginID: suspended, Status: member.Suspended, PasswordHash: hash},
			4: {LoginID: cancelled, Status: member.Cancelled, PasswordHash: hash},
			5: {LoginID: voided, Status: member.Active, PasswordHash: hash, VoidedAt: &when},
			6: {LoginID: neverSet, Status: member.Active},
			7: {LoginID: unreadable, Status: member.Active, PasswordHash: unreadableHash},
		},
	}}
	for id, m := range f.store.tables.members {
		m.ID, m.PasswordVersion, m.MailAddress = id, 3, member.MailAddress("mail."+string(m.LoginID)+"@xxx.mm-m.ne.jp")
		f.store.tables.members[id] = m
	}
	f.Service = &Service{
		Store: f.store, Hasher: hasher, Dummies: password.NewDummies([32]byte{1}, cheap),
		Now: func() time.Time { return f.now }, Log: slog.New(slog.NewTextHandler(f.log, nil)),
		WakePostman: func() { f.woken.Add(1) },
	}
	return f
}

// member reads a row without calling a method of the store.
func (f *fixture) member(id member.LoginID) member.Member {
	for _, m := range f.store.tables.members {
		if m.LoginID == id {
			return m
		}
	}
	return member.Member{}
}

func (f *fixture) signIn(t *testing.T, id member.LoginID, text string) (member.Member, error) {
	t.Helper()
	return f.SignIn(t.Context(), id, password.NewPlain(text), member.Mac, openSession)
}

// openSession succeeds.
func openSession(context.Context, member.Member) error { return nil }

// countingContext counts the hashes: the Hasher calls Err once for each hash, and nothing else in these tests does.
type countingContext struct {
	context.Context
	hashes *atomic.Int32
}

func counting(ctx context.Context) countingContext { return countingContext{ctx, new(atomic.Int32)} }

func (c countingContext) Err() error {
	c.hashes.Add(1)
	return c.Context.Err()
}
