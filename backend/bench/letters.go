package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"aikagi/backend/mail"
)

const (
	lettersARound = 40
	betweenAsks   = 20 * time.Millisecond // an idle machine between two letters
	letterMissing = 10 * time.Second
	letterPoll    = time.Millisecond
	// medianRest is the median of the 25 to 50 ms for which an ask rests on purpose.
	medianRest = 37.5
)

// measureLetters times request → letter in the sink, one at a time, beside the SMTP conversation alone.
func measureLetters(b *bench, on string) (o outcome, err error) {
	s, err := b.serve(on, b.rounds*lettersARound)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	transport := mail.NewSMTP(mail.SMTPSettings{
		Host: "127.0.0.1", Port: s.mails.SMTPPort, TLS: mail.TLSOpportunistic,
		From: netmail.Address{Address: "support@example.jp"}, Connections: 1,
	})
	defer func() { err = errors.Join(err, transport.Close()) }()

	member := 0
	var p99 []float64
	whole := &way{name: "request to letter", round: func() (float64, error) {
		c := newCaller(s.Base)
		defer c.leave()
		var took []time.Duration
		for range lettersARound {
			d, err := s.askAndAwait(c, member)
			if err != nil {
				return 0, err
			}
			took = append(took, d)
			member++
			time.Sleep(betweenAsks)
		}
		p99 = append(p99, ms(at(took, 0.99)))
		return ms(at(took, 0.5)), nil
	}}
	alone := &way{name: "the SMTP conversation alone", round: func() (float64, error) {
		return medianOf(lettersARound, func() (func() error, func(), error) {
			return func() error { return sendAlone(transport) }, nil, nil
		})
	}}
	if err := takeTurns(b.rounds, whole, alone); err != nil {
		return o, err
	}
	var beyond []float64
	for _, value := range whole.values {
		beyond = append(beyond, value-medianRest)
	}
	first := compare("request to letter in the sink, idle, p50", "ms", whole, alone, goal{})
	first.Ratio = summary{} // says nothing: most of the time is the rest
	o.Rows = []row{
		first,
		{Name: "request to letter beyond the rest of 25 to 50 ms, p50", Unit: "ms", Own: summarise(beyond), Goal: atMost(12)},
		{Name: "request to letter in the sink, idle, p99", Unit: "ms", Own: summarise(p99)},
	}
	return o, nil
}

// askAndAwait asks for a member and returns how long it took until the letter was in the sink. No other letter may be due.
func (s *server) askAndAwait(c *caller, member int) (time.Duration, error) {
	s.mails.Take()
	begun := time.Now()
	if err := c.ask(member); err != nil {
		return 0, err
	}
	for s.mails.Count() == 0 {
		if time.Since(begun) > letterMissing {
			return 0, fmt.Errorf("the letter of member %d did not come", member)
		}
		time.Sleep(letterPoll)
	}
	return s.mails.Letters()[0].At.Sub(begun), nil
}

// sendAlone hands a letter of the usual size over a kept connection.
func sendAlone(transport *mail.SMTP) error {
	return transport.Send(context.Background(), mail.Message{
		ID: rand.Text() + "@example.jp", To: "member@xxx.mm-m.ne.jp", Subject: "bench",
		Text: strings.Repeat("text ", 200), HTML: strings.Repeat("<p>text</p>", 800), Date: time.Now(),
	})
}
