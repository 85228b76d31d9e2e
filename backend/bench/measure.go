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
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

// How much is measured: enough for a p99, little enough for a minute in all.
const (
	letters       = 300
	clients       = 16
	asksARound    = 3200
	asksAlone     = 100
	askRounds     = 9
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

// asking is one way to have a recovery's row written, and how fast it was.
type asking struct {
	name    string
	clients int
	do      func() error

	perSecond []float64
	single    []time.Duration // with one client
}

// measureAsks compares asks that are accepted, of unknown login IDs, with a Fiber handler that does one raw INSERT and
// nothing else, and with raw INSERTs alone. They take turns, so that the machine's noise meets all.
func (s *served) measureAsks(where store.Settings) error {
	c, err := startCeiling(where)
	if err != nil {
		return err
	}
	defer func() { _ = c.stop() }()
	writer, err := openRawWriter(where)
	if err != nil {
		return err
	}
	defer func() { _ = writer.close() }()
	writers := clients
	if where.Dialect == store.SQLite {
		writers = 1 // has one writer: more of them wait for each other
	}
	all := []*asking{
		{name: "asks accepted", clients: clients, do: func() error { return s.ask(-1) }},
		{name: "a handler of one raw INSERT", clients: clients, do: func() error { return post(c.base, "{}") }},
		{name: "raw INSERT", clients: writers, do: func() error { return writer.write(context.Background()) }},
	}
	for range askRounds {
		for _, way := range all {
			if err := way.round(); err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
		}
	}
	for _, way := range all {
		slices.Sort(way.perSecond)
		slices.Sort(way.single)
		median, own := way.perSecond[len(way.perSecond)/2], all[0]
		fmt.Printf("  %-28s %2d clients %8.0f /s (%.0f to %.0f), asks are %.2f of it; 1 client %.2f ms p50, asks are %.2f times it\n",
			way.name, way.clients, median, way.perSecond[0], way.perSecond[len(way.perSecond)-1], own.perSecond[len(own.perSecond)/2]/median,
			ms(at(way.single, 0.5)), ms(at(own.single, 0.5))/ms(at(way.single, 0.5)))
	}
	return nil
}

// round measures it once with many clients and once with one.
func (a *asking) round() error {
	took, err := inParallel(a.clients, asksARound/a.clients, a.do)
	if err != nil {
		return err
	}
	a.perSecond = append(a.perSecond, asksARound/took.Seconds())
	for range asksAlone {
		begun := time.Now()
		if err := a.do(); err != nil {
			return err
		}
		a.single = append(a.single, time.Since(begun))
	}
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

func inParallel(clients, each int, do func() error) (time.Duration, error) {
	failed := make(chan error, clients)
	var all sync.WaitGroup
	begun := time.Now()
	for range clients {
		all.Go(func() {
			for range each {
				if err := do(); err != nil {
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
	return post(s.base+"/api/recoveries", body)
}

// post wants 202.
func post(address, body string) error {
	answer, err := client.Post(address, "application/json", strings.NewReader(body))
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
