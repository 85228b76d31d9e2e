package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// addWithAddresses adds members with different addresses.
func addWithAddresses(t *testing.T, s *store.Store, many int) {
	t.Helper()
	batch := make([]member.Member, many)
	for i := range batch {
		id := fmt.Sprintf("m%06d", i)
		batch[i] = member.Member{
			LoginID: member.LoginID(id), MailAddress: member.MailAddress(id + "@xxx.mm-m.ne.jp"), Status: member.Active, PasswordHash: demoHash, PasswordVersion: 1,
		}
	}
	if err := s.Members().AddMembers(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

// killsOfABreach is how often the command that voids and the server that mails are killed. On both databases that is 50
// kills in total.
const killsOfABreach = 25

// A power cut, a closed terminal or a replaced server can end the command and the server at any time. Each member is voided
// once and has one notice with one Message-ID. Only a letter whose answer was lost is sent again, as the same letter.
func TestABreachThatIsKilledManyTimesNotifiesEachMemberOnce(t *testing.T) {
	testkit.OnBoth(t, func(t *testing.T, where store.Settings) {
		const many = 1200
		s := newSite(t, where)
		s.stop()
		addWithAddresses(t, testkit.Open(t, where), many)
		all := fmt.Sprint(many + 2) // and the members of the site
		voids := func() *exec.Cmd {
			command := exec.CommandContext(context.Background(), os.Args[0], "breach", "begin", "--all", "--yes", all, "--per-hour", "180000")
			command.Env = append(slices.Clone(s.environ), actAsProgram+"=1")
			return command
		}
		kills := 0
		for ; kills < killsOfABreach/2; kills++ {
			command := voids()
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			kill := time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { _ = command.Process.Kill() })
			_ = command.Wait() // it was killed or has finished
			kill.Stop()
			if oneNumber(t, where, "SELECT COUNT(*) FROM breaches WHERE voided_at IS NOT NULL") == 1 {
				break
			}
		}
		if said, err := voids().CombinedOutput(); err != nil && !strings.Contains(string(said), "a breach runs already") {
			t.Fatalf("after %d kills: %v\n%s", kills, err, said)
		}
		for ; kills < killsOfABreach; kills++ {
			p := s.launch(new(lockedBuffer), "AIKAGI_STOP_DELAY=0s")
			time.Sleep(time.Duration(rand.IntN(1500)) * time.Millisecond)
			p.kill()
		}
		s.start()
		eventuallyWithin(t, "the last notice", 3*time.Minute, func() bool {
			return oneNumber(t, where, "SELECT COUNT(*) FROM letters WHERE kind = 'password_voided' AND state = 'accepted'") == many+2
		})
		for _, query := range []string{
			"SELECT COUNT(*) FROM members WHERE password_version <> 2 OR voided_at IS NULL",
			"SELECT COUNT(*) - COUNT(DISTINCT member_id) FROM activities WHERE kind = 'voided'",
			"SELECT COUNT(*) - COUNT(DISTINCT member_id) FROM letters",
			"SELECT COUNT(*) FROM breach_members",
		} {
			if got := oneNumber(t, where, query); got != 0 {
				t.Errorf("%s: got %d, want 0", query, got)
			}
		}
		names := make(map[string]map[string]bool) // Message-IDs by recipient
		for _, letter := range s.mails.Letters() {
			message, err := mail.ReadMessage(strings.NewReader(letter.Raw))
			if err != nil {
				t.Fatal(err)
			}
			to := strings.Join(letter.To, " ")
			if names[to] == nil {
				names[to] = make(map[string]bool)
			}
			names[to][message.Header.Get("Message-ID")] = true
		}
		for to, ids := range names {
			if len(ids) != 1 {
				t.Errorf("%s got %d different notices", to, len(ids))
			}
		}
		if len(names) != many+2 {
			t.Errorf("%d members were told, want %d", len(names), many+2)
		}
	})
}

// eventuallyWithin is eventually with a longer deadline.
func eventuallyWithin(t *testing.T, what string, patience time.Duration, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// The whole breach, while a member recovers.
func TestAVoidedMemberGetsANoticeAndRecovers(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		b := s.browser()
		b.want(200, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		b.want(202, "POST", "/api/recoveries", "login_id", taro, "mail_address", taroAddress, "language", "en")
		s.letters(1)
		code, said := runIn(t, s.environ, "breach", "begin", "--all", "--yes", "2", "--per-hour", "1000000", "--by", "hanako")
		if code != exitDone {
			t.Fatal(said)
		}
		b.want(401, "GET", "/api/member")
		b.want(401, "POST", "/api/session", "login_id", taro, "password", oldPassword)
		eventually(t, "the notices", func() bool {
			_, status := runIn(t, s.environ, "breach", "status", "--json")
			return strings.Contains(status, `"state": "done"`) && strings.Contains(status, `"mailed": 2`)
		})
		subjects := make(map[string]string)
		for _, letter := range s.letters(3)[:2] {
			subjects[letter.To[0]] = letter.Subject
		}
		if subjects[taroAddress] != "[IMS] Please set a new member support password" || subjects[sleeping] != "【IMS】会員サポートパスワードの再設定のお願い" {
			t.Errorf("got %v", subjects)
		}
		s.ahead.Store(int64(2 * time.Minute)) // a member gets at most one letter with a temporary password in a minute
		path := b.ask(taro, taroAddress)
		secret := temporaryPassword(t, s.letters(4)[0])
		b.want(200, "POST", path+"/redemption", "temporary_password", secret)
		b.want(204, "PUT", path+"/password", "new_password", newPassword)
		if code, said := runIn(t, s.environ, "breach", "end"); code != exitDone || said != "ended\n" {
			t.Errorf("end: got %d, %s", code, said)
		}
	}, "AIKAGI_RATE_LIMITS=off")
}

func TestBreachResumeMailsTheNoticesThatWereRefusedBeforeTheEnd(t *testing.T) {
	where := testkit.SQLite(t)
	s := newSite(t, where)
	s.mails.SetMode(sink.Mode{Refuse: 451})
	breach := func(args ...string) string {
		code, said := runIn(t, s.environ, append([]string{"breach"}, args...)...)
		if code != exitDone {
			t.Fatalf("%v: got %d\n%s", args, code, said)
		}
		return said
	}
	breach("begin", "--all", "--yes", "2", "--per-hour", "1000000")
	eventually(t, "refusals", func() bool {
		return oneNumber(t, where, "SELECT COUNT(*) FROM letters WHERE answer LIKE '451%'") == 2
	})
	if said := breach("end"); !strings.Contains(said, "2 notices not mailed") {
		t.Errorf("end: got\n%s", said)
	}
	s.mails.SetMode(sink.Mode{})
	if said := breach("resume"); !strings.HasPrefix(said, "2 notices to mail") {
		t.Errorf("resume: got\n%s", said)
	}
	s.letters(2)
}
