package fleet

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"aikagi/backend/testkit/sink"
)

// Ledger is what members were promised and what they got: every ask that was accepted, and every letter that came. Each
// ask names a member of its own, so each accepted ask is owed a letter.
type Ledger struct {
	mu       sync.Mutex
	next     int // the member that asks next
	accepted map[int]string
	refused  map[string]int // by status and code
	lost     int            // asks without an answer
	acceptAt time.Time      // when the last one was accepted
	gap      time.Duration
	letterAt time.Time // when the last letter came
	silence  time.Duration
	letters  map[int][]received
	ids      map[string]received
	broken   []string
}

// received is one letter with a temporary password, as far as it is accounted for.
type received struct{ id, secret, path string }

// NewLedger makes an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{
		accepted: make(map[int]string), refused: make(map[string]int),
		letters: make(map[int][]received), ids: make(map[string]received),
	}
}

// Load lets clients ask at the servers by turns, each at random moments, until stop is closed.
func (l *Ledger) Load(clients int, between time.Duration, stop <-chan struct{}, servers ...*Program) *sync.WaitGroup {
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second}
			for {
				select {
				case <-stop:
					client.CloseIdleConnections()
					return
				case <-time.After(rand.N(2 * between)):
				}
				l.ask(NewBrowser(servers[rand.N(len(servers))].Base, client))
			}
		})
	}
	return &all
}

// AnyAddress is a client's address that is hardly ever given twice, so that limits by address do not bound a load.
func AnyAddress() string {
	return fmt.Sprintf("10.%d.%d.%d", rand.N(256), rand.N(256), rand.N(256))
}

func (l *Ledger) ask(b *Browser) {
	l.mu.Lock()
	n := l.next
	l.next++
	l.mu.Unlock()
	b.Address = AnyAddress()
	got, err := b.Call("POST", "/api/recoveries", "login_id", LoginID(n), "mail_address", MailAddress(n))
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.lost++
	case got.Status == http.StatusAccepted:
		l.accepted[n] = got.Text("receipt")
		now := time.Now()
		if !l.acceptAt.IsZero() {
			l.gap = max(l.gap, now.Sub(l.acceptAt))
		}
		l.acceptAt = now
	default:
		l.refused[fmt.Sprintf("%d %s", got.Status, got.Text("code"))]++
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			l.broken = append(l.broken, fmt.Sprintf("an ask was answered %d %s", got.Status, got.Body))
		}
	}
}

// Gap is the longest time, since it was last asked for, in which no ask was accepted by any server.
func (l *Ledger) Gap() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap := l.gap
	if !l.acceptAt.IsZero() {
		gap = max(gap, time.Since(l.acceptAt))
	}
	l.gap = 0
	return gap
}

// Silence is the longest time, since it was last asked for, in which no letter came; the letters that have come must have
// been received. A load that is accepted all the time makes letters all the time.
func (l *Ledger) Silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	silence := l.silence
	if !l.letterAt.IsZero() {
		silence = max(silence, now.Sub(l.letterAt))
	}
	l.silence, l.letterAt = 0, now
	return silence
}

// Receive writes down letters. Of one Message-ID all must be alike, and so must all temporary passwords of a member.
func (l *Ledger) Receive(letters []sink.Letter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, letter := range letters {
		if !l.letterAt.IsZero() {
			l.silence = max(l.silence, letter.At.Sub(l.letterAt))
		}
		l.letterAt = letter.At
		secret := letter.TemporaryPassword()
		if secret == "" {
			continue // a notice
		}
		var n int
		if _, err := fmt.Sscanf(letter.To[0], "member%d@", &n); err != nil || len(letter.To) != 1 {
			l.broken = append(l.broken, fmt.Sprintf("a letter went to %v", letter.To))
			continue
		}
		got := received{letter.Header("Message-Id"), secret, letter.RecoveryPath()}
		if before, again := l.ids[got.id]; again && before != got {
			l.broken = append(l.broken, fmt.Sprintf("the letter %s differs between two tries", got.id))
		}
		if others := l.letters[n]; len(others) > 0 && others[0].secret != got.secret {
			l.broken = append(l.broken, fmt.Sprintf("member %d was sent two temporary passwords", n))
		}
		if receipt, asked := l.accepted[n]; asked && !strings.Contains(letter.Text, receipt) {
			l.broken = append(l.broken, fmt.Sprintf("the letter of member %d lacks the receipt number %s", n, receipt))
		}
		l.ids[got.id] = got
		l.letters[n] = append(l.letters[n], got)
	}
}

// Account says what came of all asks; the error tells every promise that was broken.
func (l *Ledger) Account() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var owed []int
	twice := 0
	for n := range l.accepted {
		if len(l.letters[n]) == 0 {
			owed = append(owed, n)
		}
	}
	for _, letters := range l.letters {
		twice += len(letters) - 1
	}
	slices.Sort(owed)
	said := fmt.Sprintf("%d accepted, refused %v, %d without an answer; %d members have letters, %d letters came once more",
		len(l.accepted), l.refused, l.lost, len(l.letters), twice)
	broken := slices.Clone(l.broken)
	if len(owed) > 0 {
		broken = append(broken, fmt.Sprintf("%d accepted asks have no letter, of the members %v", len(owed), owed[:min(len(owed), 20)]))
	}
	if len(broken) > 0 {
		return said, fmt.Errorf("%d promises broken:\n  %s", len(broken), strings.Join(broken[:min(len(broken), 20)], "\n  "))
	}
	return said, nil
}

// NotAccepted says how many asks were refused, and how many had no answer.
func (l *Ledger) NotAccepted() (refused, lost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, count := range l.refused {
		refused += count
	}
	return refused, l.lost
}

// WalkOn lets some of the members who have a letter go on to the end: each temporary password must still work, once.
func (l *Ledger) WalkOn(server *Program, count int) (walked int, err error) {
	l.mu.Lock()
	var last []received
	for _, letters := range l.letters {
		last = append(last, letters[len(letters)-1])
	}
	l.mu.Unlock()
	rand.Shuffle(len(last), func(i, j int) { last[i], last[j] = last[j], last[i] })
	for _, letter := range last[:min(count, len(last))] {
		b := NewBrowser(server.Base, nil)
		b.Address = AnyAddress()
		if _, err := b.Want(http.StatusOK, "POST", letter.path+"/redemption", "temporary_password", letter.secret); err != nil {
			return walked, err
		}
		if _, err := b.Want(http.StatusNoContent, "PUT", letter.path+"/password", "new_password", "Walked-on-42"); err != nil {
			return walked, err
		}
		again := NewBrowser(server.Base, nil)
		if _, err := again.Want(http.StatusGone, "POST", letter.path+"/redemption", "temporary_password", letter.secret); err != nil {
			return walked, err
		}
		walked++
	}
	return walked, nil
}
