package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit/fleet"
)

// How much is measured: enough for a p99, little enough for a minute in all.
const (
	letters       = 300
	clients       = 16
	asksEach      = 100
	betweenAsks   = 20 * time.Millisecond // an idle machine between two letters
	letterMissing = 5 * time.Second
)

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// at gives the value below which a share of the sorted ones lie.
func at(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

// measureLetters times request → letter in the sink, one at a time, beside the SMTP conversation alone.
func (s *served) measureLetters() error {
	var whole, alone []time.Duration
	transport := mail.NewSMTP(mail.SMTPSettings{
		Host: "127.0.0.1", Port: s.mails.SMTPPort, TLS: mail.TLSOpportunistic,
		From: netmail.Address{Address: "support@example.jp"}, Connections: 1,
	})
	defer func() { _ = transport.Close() }()
	for n := range letters {
		before := s.mails.Count()
		begun := time.Now()
		if err := s.ask(n); err != nil {
			return err
		}
		for s.mails.Count() == before {
			if time.Since(begun) > letterMissing {
				return fmt.Errorf("letter %d did not come", n)
			}
			time.Sleep(time.Millisecond)
		}
		whole = append(whole, s.mails.Letters()[0].At.Sub(begun))
		begun = time.Now()
		message := mail.Message{
			ID: rand.Text() + "@example.jp", To: "member@xxx.mm-m.ne.jp", Subject: "bench",
			Text: strings.Repeat("text ", 200), HTML: strings.Repeat("<p>text</p>", 800), Date: begun,
		}
		if err := transport.Send(context.Background(), message); err != nil {
			return err
		}
		alone = append(alone, time.Since(begun))
		time.Sleep(betweenAsks)
	}
	slices.Sort(whole)
	slices.Sort(alone)
	fmt.Printf("  request to letter, idle         %8.1f ms p50  %8.1f ms p99   (SMTP alone %.1f / %.1f)\n",
		ms(at(whole, 0.5)), ms(at(whole, 0.99)), ms(at(alone, 0.5)), ms(at(alone, 0.99)))
	return nil
}

// measureAsks counts asks that are accepted a second, of unknown login IDs, beside bare INSERTs of the same rows
// through the same store. The two take turns, so that the machine's noise meets both.
func (s *served) measureAsks() error {
	const rounds = 4
	var accepted, inserted time.Duration
	for range rounds {
		took, err := inParallel(func(int) error { return s.ask(-1) })
		if err != nil {
			return err
		}
		accepted += took
		store := s.store.Recoveries()
		took, err = inParallel(func(int) error { return store.AddRecovery(context.Background(), bareRow()) })
		if err != nil {
			return err
		}
		inserted += took
	}
	count := float64(rounds * clients * asksEach)
	fmt.Printf("  asks accepted, %d clients       %8.0f /s        (bare INSERT %.0f /s, ratio %.2f)\n",
		clients, count/accepted.Seconds(), count/inserted.Seconds(), inserted.Seconds()/accepted.Seconds())
	return nil
}

func bareRow() recovery.Recovery {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return recovery.Recovery{
		ID: recovery.ID(rand.Text()), Receipt: "00000000", LoginID: "nobody", MailAddressMAC: strings.Repeat("m", 49),
		Language: recovery.Japanese, Client: "127.0.0.1", Origin: recovery.FromLetter, AskedAt: now, GoneAt: now.Add(recovery.Waits),
		IssuanceID: rand.Text(), KeyName: "bench",
	}
}

func inParallel(do func(client int) error) (time.Duration, error) {
	failed := make(chan error, clients)
	var all sync.WaitGroup
	begun := time.Now()
	for client := range clients {
		all.Go(func() {
			for range asksEach {
				if err := do(client); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	close(failed)
	return took, <-failed
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: 30 * time.Second}

// ask asks for recovery for a member, or, below 0, for nobody.
func (s *served) ask(n int) error {
	body := fmt.Sprintf(`{"login_id":%q,"mail_address":%q}`, fleet.LoginID(n), fleet.MailAddress(n))
	if n < 0 {
		body = `{"login_id":"nobody","mail_address":"nobody@xxx.mm-m.ne.jp"}`
	}
	answer, err := client.Post(s.base+"/api/recoveries", "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		return fmt.Errorf("asked and got %d: %s", answer.StatusCode, said)
	}
	return err
}
