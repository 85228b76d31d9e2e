package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"aikagi/backend/testkit/sink"
)

// What a burst is measured with.
const (
	burstClients  = 16
	burstPatience = 10 * time.Minute
	burstPoll     = 5 * time.Millisecond
	// burstRounds is less than the rounds of other parts: a burst takes some seconds.
	burstRounds = 3
	// keptConnections are as many as the program keeps to the mail server by default.
	keptConnections = 8
)

// burstMembers is how many members ask in one burst.
var burstMembers = map[string]int{onSQLite: 3000, onMariaDB: 9100}

// burst is what the bursts of all rounds share.
type burst struct {
	*server
	members    int
	round      int
	asking     *way // seconds in which all asks were made
	refused    *way
	statements *way
	count      func() (int64, error) // statements that the database has answered; nil where it counts none
}

// measureBurst asks for many members at once and counts the letters a second, from the first ask to the last letter.
// Beside it stand SMTP conversations that hand over one of these letters over kept connections, and go-mail, which writes
// each letter's bytes anew and sends them. The mail sink reads letters and keeps none.
func measureBurst(b *bench, on string) (o outcome, err error) {
	rounds := min(b.rounds, burstRounds)
	s, err := b.serve(on, rounds*burstMembers[on]+1)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	c := newCaller(s.Base)
	defer c.leave()
	if _, err := s.askAndAwait(c, rounds*burstMembers[on]); err != nil { // a member of no burst
		return o, err
	}
	letter := s.mails.Letters()[0]
	s.mails.SetMode(sink.Mode{Discard: true})

	all := &burst{server: s, members: burstMembers[on], asking: &way{}, refused: &way{}, statements: &way{}}
	if on == onMariaDB {
		all.count = b.mariadb.Statements
	}
	letters := &way{name: "letters out of a burst", round: all.once, settle: s.settle}
	rate := func(name string, open opener) *way {
		return &way{name: name, round: func() (float64, error) { return perSecond(keptConnections, 2*b.lasts, open) }}
	}
	bare := rate("bare SMTP conversations", func() (func() error, func(), error) { return bareConversation(s.mails.SMTPPort, letter.Raw) })
	library := rate("go-mail alone", func() (func() error, func(), error) { return goMail(s.mails.SMTPPort, letter) })
	if err := takeTurns(rounds, letters, bare, library); err != nil {
		return o, err
	}
	name := fmt.Sprintf("letters out of a burst of %s members", digits(float64(all.members)))
	o.Rows = []row{
		compare(name, "/s", letters, library, ratioAtLeast(0.7)),
		compare(name, "/s", letters, bare, ratioAtLeast(0.14)),
		alone("seconds until all of the burst had asked", "s", all.asking, goal{}),
		alone("asks of the burst that were refused", "", all.refused, goal{Of: ofValue}),
	}
	if all.count != nil {
		o.Rows = append(o.Rows, alone("statements for each ask and its letter", "", all.statements, goal{}))
	}
	return o, nil
}

// once lets the members of one round ask and awaits their letters.
func (b *burst) once() (float64, error) {
	first := b.round * b.members
	b.round++
	before := b.mails.Taken()
	counted, err := b.countStatements()
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	refused := b.askAll(first)
	b.asking.values = append(b.asking.values, time.Since(begun).Seconds())
	sent := b.members - refused
	for b.mails.Taken() < before+sent {
		if time.Since(begun) > burstPatience {
			return 0, fmt.Errorf("%d letters came of %d", b.mails.Taken()-before, sent)
		}
		time.Sleep(burstPoll)
	}
	took := time.Since(begun)
	after, err := b.countStatements()
	if err != nil {
		return 0, err
	}
	b.refused.values = append(b.refused.values, float64(refused))
	b.statements.values = append(b.statements.values, float64(after-counted)/float64(sent))
	return float64(sent) / took.Seconds(), nil
}

func (b *burst) countStatements() (int64, error) {
	if b.count == nil {
		return 0, nil
	}
	return b.count()
}

// askAll asks once for each member from the first on, from many clients, and returns how many asks were refused.
func (b *burst) askAll(first int) (refused int) {
	var next, failed atomic.Int64
	var all sync.WaitGroup
	for range burstClients {
		all.Go(func() {
			c := newCaller(b.Base)
			defer c.leave()
			for n := int(next.Add(1)) - 1; n < b.members; n = int(next.Add(1)) - 1 {
				if c.ask(first+n) != nil {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	return int(failed.Load())
}
