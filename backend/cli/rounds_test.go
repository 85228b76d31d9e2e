package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

// onOneAndTwoServers runs a test on SQLite, on MariaDB, and on two servers that share MariaDB and Redis. The race detector
// is slow; with it, the two servers are the only test on MariaDB.
func onOneAndTwoServers(t *testing.T, run func(t *testing.T, servers []*site)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, []*site{newSite(t, testkit.SQLite(t), "AIKAGI_RATE_LIMITS=off")}) })
	if !testkit.RaceDetector {
		t.Run("mariadb", func(t *testing.T) { run(t, []*site{newSite(t, testkit.MySQL(t), "AIKAGI_RATE_LIMITS=off")}) })
	}
	t.Run("two servers", func(t *testing.T) {
		s := newSite(t, testkit.MySQL(t), "AIKAGI_RATE_LIMITS=off", "AIKAGI_REDIS="+testRedis(t))
		run(t, []*site{s, s.another()})
	})
}

// rounds returns how often a test repeats what depends on chance: usual, a fifth of it with the race detector, or the number
// in AIKAGI_TEST_ROUNDS.
func rounds(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("AIKAGI_TEST_ROUNDS")
	if text == "" && testkit.RaceDetector {
		return usual / 5
	}
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("AIKAGI_TEST_ROUNDS is %q, want a number of rounds such as 500", text)
	}
	return n
}

// numbered adds members with the login IDs of roundMember and the addresses of roundAddress.
func (s *site) numbered(members int) {
	s.t.Helper()
	hash := s.member(taro).PasswordHash
	enrolled := make([]member.Member, members)
	for n := range enrolled {
		enrolled[n] = member.Member{
			LoginID: member.LoginID(roundMember(n)), MailAddress: member.MailAddress(roundAddress(n)),
			Status: member.Active, PasswordHash: hash, PasswordVersion: 1, CreatedAt: s.now(),
		}
	}
	if err := s.server.store.Members().AddMembers(s.t.Context(), enrolled); err != nil {
		s.t.Fatal(err)
	}
}

func roundMember(n int) string  { return fmt.Sprintf("round%d", n) }
func roundAddress(n int) string { return roundMember(n) + "@xxx.mm-m.ne.jp" }

// letterTo waits for the newest letter to an address.
func (s *site) letterTo(address string) (found sink.Letter) {
	s.t.Helper()
	eventually(s.t, "a letter to "+address, func() bool {
		for _, letter := range s.mails.Letters() {
			if letter.To[0] == address {
				found = letter
				return true
			}
		}
		return false
	})
	return found
}

// heard is the part of an answer that the model knows.
type heard struct {
	status int
	word   string // the state, the reason or the code
	left   int    // guesses_left
}

// roundCall is one call of a round, and how it was answered.
type roundCall struct {
	number, client int
	what           string
	at             int // 0: the recovery that was asked for; 1: the letter's own
	got            heard
	from, until    time.Duration // since the round began
}

// round is one member's temporary password, and the concurrent calls of many browsers with it.
type round struct {
	servers []*site
	paths   [recoveriesInRound]string
	secret  string
	began   time.Time

	mu    sync.Mutex
	calls []roundCall
}

func newRound(servers []*site, n int) *round {
	r := &round{servers: servers, began: time.Now()}
	r.paths[0] = servers[n%len(servers)].browser().ask(roundMember(n), roundAddress(n))
	letter := servers[0].letterTo(roundAddress(n))
	r.paths[1], r.secret = letter.RecoveryPath(), letter.TemporaryPassword()
	return r
}

// browser returns a browser that uses the client's server.
func (r *round) browser(client int) *browser { return r.servers[client%len(r.servers)].browser() }

// do makes a call and keeps the answer.
func (r *round) do(b *browser, client int, what string, at int) heard {
	path := r.paths[at]
	from := time.Since(r.began)
	var got answer
	switch what {
	case "wrong":
		got = b.call("POST", path+"/redemption", "temporary_password", "Wrong2345")
	case "right":
		got = b.call("POST", path+"/redemption", "temporary_password", r.secret)
	case "look", "look held":
		got = b.call("GET", path)
	case "again":
		got = b.call("POST", path+"/letter")
	case "set":
		got = b.call("PUT", path+"/password", "new_password", fmt.Sprintf("New-pass%03d", client))
	}
	until := time.Since(r.began)
	told := hearing(b.t, got)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, roundCall{len(r.calls), client, what, at, told, from, until})
	return told
}

func hearing(t *testing.T, got answer) heard {
	told := heard{status: got.status}
	if got.body == "" {
		return told
	}
	members := got.json(t)
	for _, name := range []string{"reason", "state", "code"} {
		if word, is := members[name].(string); is && told.word == "" {
			told.word = word
		}
	}
	if left, is := members["guesses_left"].(float64); is {
		told.left = int(left)
	}
	return told
}

// clientsInRound browsers make callsOfClient calls each. The one that redeems uses its grant in several tabs.
const (
	clientsInRound = 7
	callsOfClient  = 3
	tabs           = 4
)

func (r *round) play(random *rand.Rand) {
	calls := []string{"wrong", "wrong", "wrong", "right", "right", "right", "look", "look", "again"}
	var all sync.WaitGroup
	for client := range clientsInRound {
		var script [callsOfClient]string
		var at [callsOfClient]int
		for i := range script {
			script[i], at[i] = calls[random.IntN(len(calls))], random.IntN(recoveriesInRound)
		}
		all.Go(func() {
			for i, what := range script {
				b := r.browser(client)
				if r.do(b, client, what, at[i]).status == 200 && what == "right" {
					r.useGrant(b, client, at[i])
				}
			}
		})
	}
	all.Wait()
	for at := range r.paths {
		r.do(r.browser(0), 0, "look", at)
	}
}

// useGrant sets passwords and reads the state concurrently.
func (r *round) useGrant(winner *browser, client, at int) {
	var all sync.WaitGroup
	for tab := range tabs {
		b := r.browser(client + tab)
		b.cookies["__Host-grant"] = winner.cookies["__Host-grant"]
		all.Go(func() { r.do(b, clientsInRound+tab, []string{"set", "look held"}[tab%2], at) })
	}
	all.Wait()
}

// check checks the answers: first what needs no order, then that there is an order.
func (r *round) check(t *testing.T) {
	t.Helper()
	var wins, sets int
	var wrong, left [recoveriesInRound]int
	for _, c := range r.calls {
		if c.actions() == nil {
			t.Errorf("%s at recovery %d: no server may answer %+v", c.what, c.at, c.got)
		}
		switch {
		case c.got.status == 200 && c.what == "right":
			wins++
		case c.got.status == 204:
			sets++
		case c.got.status == 422:
			wrong[c.at]++
		case c.what == "look":
			left[c.at] = c.got.left // the last look comes after all other calls
		}
	}
	if wins > 1 || sets != wins {
		t.Errorf("%d redeemed and %d set a password, want one each at most", wins, sets)
	}
	for at := range wrong {
		if wrong[at] > recovery.MaxGuesses || left[at] != recovery.MaxGuesses-wrong[at] {
			t.Errorf("recovery %d: %d guesses were judged wrong, and %d are left at last", at, wrong[at], left[at])
		}
	}
	switch result := porcupine.CheckOperationsTimeout(oneServerAlone, history(r.calls), time.Minute); result {
	case porcupine.Ok:
	default:
		t.Errorf("%s: no order of the actions gives these answers:", result)
		for _, c := range r.calls {
			t.Logf("%8s to %8s client %2d %-9s at %d: %+v", c.from.Round(time.Microsecond), c.until.Round(time.Microsecond), c.client, c.what, c.at, c.got)
		}
	}
}

func TestConcurrentCallsAreAnsweredAsIfTheyCameOneAfterAnother(t *testing.T) {
	t.Parallel()
	onOneAndTwoServers(t, func(t *testing.T, servers []*site) {
		n := rounds(t, 60)
		servers[0].numbered(n)
		won := 0
		for i := range n {
			r := newRound(servers, i)
			r.play(rand.New(rand.NewPCG(uint64(i), 0)))
			r.check(t)
			if t.Failed() {
				t.Fatalf("in round %d", i)
			}
			for _, c := range r.calls {
				if c.what == "set" && c.got.status == 204 {
					won++
				}
			}
		}
		t.Logf("%d rounds, %d passwords set", n, won)
		if won == 0 {
			t.Error("nobody redeemed in any round")
		}
	})
}
