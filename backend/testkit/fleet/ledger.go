package fleet

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"aikagi/backend/testkit/sink"
)

// Ledger records the requests for recovery that were accepted and the letters that came, and finds what is missing. Each request
// names another member, so each accepted request must lead to a letter. It is safe for concurrent use.
type Ledger struct {
	mu           sync.Mutex
	next         int            // the number of the member for the next request
	accepted     map[int]string // receipts, by the number of the member
	refused      map[string]int // counts, by status and code
	lost         int            // requests without a response
	lastAccepted time.Time
	gap          time.Duration
	lastLetter   time.Time
	silence      time.Duration
	letters      map[int][]received // by the number of the member
	byMessageID  map[string]received
	broken       []string // promises that were broken
}

// received holds the parts of a letter with a temporary password that must not change.
type received struct{ messageID, password, path string }

// NewLedger returns an empty Ledger.
func NewLedger() *Ledger {
	return &Ledger{
		accepted: make(map[int]string), refused: make(map[string]int),
		letters: make(map[int][]received), byMessageID: make(map[string]received),
	}
}

// Gap returns the longest time without an accepted request since the last call of Gap.
func (l *Ledger) Gap() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap := l.gap
	if !l.lastAccepted.IsZero() {
		gap = max(gap, time.Since(l.lastAccepted))
	}
	l.gap = 0
	return gap
}

// Silence returns the longest time without a letter since the last call of Silence. Call Receive before. It is meaningful while
// requests are accepted all the time.
func (l *Ledger) Silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	silence := l.silence
	if !l.lastLetter.IsZero() {
		silence = max(silence, now.Sub(l.lastLetter))
	}
	l.silence, l.lastLetter = 0, now
	return silence
}

// Receive records letters. Letters with one Message-ID must be equal, and a member must get only one temporary password.
func (l *Ledger) Receive(letters []sink.Letter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, letter := range letters {
		if !l.lastLetter.IsZero() {
			l.silence = max(l.silence, letter.At.Sub(l.lastLetter))
		}
		l.lastLetter = letter.At
		password := letter.TemporaryPassword()
		if password == "" {
			continue // a notice
		}
		var n int
		if _, err := fmt.Sscanf(letter.To[0], "member%d@", &n); err != nil || len(letter.To) != 1 {
			l.broken = append(l.broken, fmt.Sprintf("a letter went to %v", letter.To))
			continue
		}
		got := received{letter.Header("Message-Id"), password, letter.RecoveryPath()}
		if before, isRepeated := l.byMessageID[got.messageID]; isRepeated && before != got {
			l.broken = append(l.broken, fmt.Sprintf("the letter %s differs between two tries", got.messageID))
		}
		if others := l.letters[n]; len(others) > 0 && others[0].password != got.password {
			l.broken = append(l.broken, fmt.Sprintf("member %d was sent two temporary passwords", n))
		}
		if receipt, isAccepted := l.accepted[n]; isAccepted && !strings.Contains(letter.Text, receipt) {
			l.broken = append(l.broken, fmt.Sprintf("the letter of member %d lacks the receipt number %s", n, receipt))
		}
		l.byMessageID[got.messageID] = got
		l.letters[n] = append(l.letters[n], got)
	}
}

// account returns a summary. The error lists the promises that were broken.
func (l *Ledger) account() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var missing []int
	repeated := 0
	for n := range l.accepted {
		if len(l.letters[n]) == 0 {
			missing = append(missing, n)
		}
	}
	for _, letters := range l.letters {
		repeated += len(letters) - 1
	}
	slices.Sort(missing)
	summary := fmt.Sprintf("%d accepted, refused %v, %d without a response; %d members have letters, %d letters were repeated",
		len(l.accepted), l.refused, l.lost, len(l.letters), repeated)
	broken := slices.Clone(l.broken)
	if len(missing) > 0 {
		broken = append(broken, fmt.Sprintf("%d accepted requests have no letter, of the members %v", len(missing), missing[:min(len(missing), 20)]))
	}
	if len(broken) > 0 {
		return summary, fmt.Errorf("%d promises broken:\n  %s", len(broken), strings.Join(broken[:min(len(broken), 20)], "\n  "))
	}
	return summary, nil
}

// NotAccepted returns how many requests were refused, and how many had no response.
func (l *Ledger) NotAccepted() (refused, lost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, count := range l.refused {
		refused += count
	}
	return refused, l.lost
}
