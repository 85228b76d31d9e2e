package fleet

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Load starts clients that ask the servers for recovery at random times, each once per `between` on average; `between` is a
// duration. end stops them and waits for their last responses.
func (l *Ledger) Load(clients int, between time.Duration, servers ...*Program) (end func()) {
	var running sync.WaitGroup
	stop := make(chan struct{})
	for range clients {
		running.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second}
			for {
				select {
				case <-stop:
					client.CloseIdleConnections()
					return
				case <-time.After(rand.N(2 * between)):
				}
				l.request(NewBrowser(servers[rand.N(len(servers))].Base, client))
			}
		})
	}
	return func() {
		close(stop)
		running.Wait()
	}
}

// AnyAddress returns a random client address, so that the limits by address do not limit the load.
func AnyAddress() string {
	return fmt.Sprintf("10.%d.%d.%d", rand.N(256), rand.N(256), rand.N(256))
}

// request asks for recovery for the next member, and records the response.
func (l *Ledger) request(b *Browser) {
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
		if !l.lastAccepted.IsZero() {
			l.gap = max(l.gap, now.Sub(l.lastAccepted))
		}
		l.lastAccepted = now
	default:
		l.refused[fmt.Sprintf("%d %s", got.Status, got.Text("code"))]++
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			l.broken = append(l.broken, fmt.Sprintf("a request got %d %s", got.Status, got.Body))
		}
	}
}

// walkOn redeems the temporary passwords of up to count members and sets a new password. Each temporary password must work once.
// It returns for how many members this succeeded.
func (l *Ledger) walkOn(server *Program, count int) (walked int, err error) {
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
		if _, err := b.Want(http.StatusOK, "POST", letter.path+"/redemption", "temporary_password", letter.password); err != nil {
			return walked, err
		}
		if _, err := b.Want(http.StatusNoContent, "PUT", letter.path+"/password", "new_password", "Walked-on-42"); err != nil {
			return walked, err
		}
		again := NewBrowser(server.Base, nil)
		if _, err := again.Want(http.StatusGone, "POST", letter.path+"/redemption", "temporary_password", letter.password); err != nil {
			return walked, err
		}
		walked++
	}
	return walked, nil
}
