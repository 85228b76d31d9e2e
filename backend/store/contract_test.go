package store_test

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// now is a whole second, which is stored without a fraction.
var now = time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)

func onBoth(t *testing.T, run func(t *testing.T, s *store.Store)) {
	t.Helper()
	testkit.OnBoth(t, func(t *testing.T, settings store.Settings) { run(t, testkit.Open(t, settings)) })
}

// noID is higher than the ID of any member, so that it selects no dummy member.
const noID member.ID = 1 << 39

// enrol adds an active member, and returns the member as read from the database.
func enrol(t *testing.T, s *store.Store, id member.LoginID) member.Member {
	t.Helper()
	m := member.Member{
		LoginID: id, MailAddress: member.MailAddress(id) + "@xxx.mm-m.ne.jp", Status: member.Active,
		PasswordHash: "first hash", PasswordVersion: 1, CreatedAt: now,
	}
	if err := s.Members().AddMembers(t.Context(), []member.Member{m}); err != nil {
		t.Fatal(err)
	}
	found, err := s.Logins().MemberNamed(t.Context(), id, noID)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func newAsk(id member.LoginID, at time.Time) recovery.Recovery {
	return recovery.Recovery{
		ID: recovery.ID(rand.Text()), Receipt: "12345678", LoginID: id, MailAddressMAC: "test:mac", Language: recovery.Japanese,
		Client: "192.0.2.1", Origin: recovery.FromAsk, AskedAt: at, GoneAt: at.Add(recovery.Lifetime),
		MemberID: 1, IssuanceID: rand.Text(), KeyName: "test",
	}
}

func addAsk(t *testing.T, s *store.Store, id member.LoginID, at time.Time) recovery.Recovery {
	t.Helper()
	r := newAsk(id, at)
	if err := s.Recoveries().AddRecovery(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func newIssuance(m member.Member) recovery.Issuance {
	return recovery.Issuance{ID: rand.Text(), MemberID: m.ID, KeyName: "test", PasswordVersion: m.PasswordVersion, CreatedAt: now}
}

// addIssuance adds an issuance that was mailed. It expires after an hour.
func addIssuance(t *testing.T, s *store.Store, m member.Member) recovery.Issuance {
	t.Helper()
	i := newIssuance(m)
	if err := s.Recoveries().AddIssuances(t.Context(), []recovery.Issuance{i}); err != nil {
		t.Fatal(err)
	}
	if renewed, err := setExpiry(t, s, i, now.Add(time.Hour)); err != nil || !renewed {
		t.Fatalf("set expiry: %v, %v", renewed, err)
	}
	return i
}

func setExpiry(t *testing.T, s *store.Store, i recovery.Issuance, at time.Time) (bool, error) {
	t.Helper()
	set, err := s.Letters().SetExpiries(t.Context(), []mail.IssuanceTime{{IssuanceID: i.ID, Time: at}})
	return set == 1, err
}

func newLetter(m member.Member, kind recovery.LetterKind, dueAt time.Time) recovery.DueLetter {
	return recovery.DueLetter{ID: rand.Text(), Kind: kind, MemberID: m.ID, Language: recovery.Japanese, DueAt: dueAt, CreatedAt: dueAt}
}

func addLetter(t *testing.T, s *store.Store, m member.Member, kind recovery.LetterKind, dueAt time.Time) recovery.DueLetter {
	t.Helper()
	l := newLetter(m, kind, dueAt)
	if err := s.Recoveries().AddLetter(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return l
}

func readRecovery(t *testing.T, s *store.Store, id recovery.ID) recovery.Recovery {
	t.Helper()
	r, err := s.Recoveries().Recovery(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// countWinners makes a guarded change many times concurrently, and counts how often it succeeded.
func countWinners(t *testing.T, change func(i int) (bool, error)) int {
	t.Helper()
	const many = 64
	var won atomic.Int32
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range many {
		group.Go(func() {
			<-start
			did, err := change(i)
			if err != nil {
				t.Error(err)
			}
			if did {
				won.Add(1)
			}
		})
	}
	close(start)
	group.Wait()
	return int(won.Load())
}

func wantNone(t *testing.T, what string, did bool, err error) {
	t.Helper()
	if err != nil || did {
		t.Errorf("%s: got %v, %v; want no change", what, did, err)
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, recovery.ErrNotFound) {
		t.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}

// raw opens a second handle on the same database.
func raw(t *testing.T, settings store.Settings) *sql.DB {
	t.Helper()
	name, source := "sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: settings.Path}).EscapedPath(), RawQuery: "_txlock=immediate"}).String()
	if settings.Dialect == store.MySQL {
		name = "mysql"
		source = settings.User + ":" + settings.Password.Reveal() + "@tcp(" + strings.Join(settings.Hosts, "") + ")/" + settings.Name + "?parseTime=true"
	}
	db, err := sql.Open(name, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
