package main

import (
	"context"
	"errors"
	"fmt"
)

const (
	askClients = 16
	// alone is how many asks of one client make a round.
	asksAlone = 150
)

// Names of ceilings.
const (
	handlerName = "a Fiber handler that does one raw INSERT"
	insertName  = "raw INSERTs"
	writerName  = "one writer of raw INSERTs"
)

// measureAsks compares asks that are accepted, of an unknown login ID, with a Fiber handler that does one raw INSERT and
// nothing else, and with raw INSERTs alone.
func measureAsks(b *bench, on string) (o outcome, err error) {
	s, c, err := b.serveWithCeiling(on)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, c.stop(), s.stop()) }()
	raw, err := openRawWriter(s.where)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, raw.close()) }()

	writers, ofInserts, ofHandler, inserts, least := askClients, goal{}, ratioAtLeast(0.75), insertName, goal{}
	if on == onSQLite { // has one writer: more of them wait for each other
		writers, ofInserts, ofHandler, inserts, least = 1, ratioAtLeast(0.9), goal{}, writerName, atLeast(2400)
	}
	rate := func(name string, clients int, open opener) *way {
		return &way{name: name, round: func() (float64, error) { return perSecond(clients, b.lasts, open) }}
	}
	asks, handler := rate("asks", askClients, s.asker(nil)), rate(handlerName, askClients, c.poster())
	bare := rate(inserts, writers, raw.writer())
	asks.settle = s.settle
	if err := takeTurns(b.rounds, asks, handler, bare); err != nil {
		return o, err
	}
	single := func(name string, open opener) *way {
		return &way{name: name, round: func() (float64, error) { return medianOf(asksAlone, open) }}
	}
	ask, handlerAlone, insert := single("ask", s.asker(nil)), single(handlerName, c.poster()), single("one raw INSERT", raw.writer())
	ask.settle = s.settle
	if err := takeTurns(b.rounds, ask, handlerAlone, insert); err != nil {
		return o, err
	}
	accepted, askAlone := fmt.Sprintf("asks accepted, %d clients", askClients), "ask, 1 client, p50"
	o.Rows = []row{compare(accepted, "/s", asks, handler, ofHandler), compare(accepted, "/s", asks, bare, ofInserts)}
	if least.Of != "" {
		o.Rows = append(o.Rows, alone(accepted, "/s", asks, least))
	}
	o.Rows = append(o.Rows, compare(askAlone, "ms", ask, insert, ratioAtMost(1.5)), compare(askAlone, "ms", ask, handlerAlone, goal{}))
	return o, nil
}

// clientCounts are the numbers of clients in the plot.
var clientCounts = []int{1, 2, 4, 8, 16, 32, 64}

// measureClients plots asks accepted a second against the number of clients.
func measureClients(b *bench, on string) (o outcome, err error) {
	s, c, err := b.serveWithCeiling(on)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, c.stop(), s.stop()) }()

	asks, handler := line{Name: "asks accepted"}, line{Name: handlerName}
	var own, other []*way
	for _, clients := range clientCounts {
		rate := func(open opener) func() (float64, error) {
			return func() (float64, error) { return perSecond(clients, b.lasts*7/10, open) }
		}
		own = append(own, &way{name: "asks", round: rate(s.asker(nil)), settle: s.settle})
		other = append(other, &way{name: handlerName, round: rate(c.poster())})
	}
	var turns []*way
	for i := range own {
		turns = append(turns, own[i], other[i])
	}
	if err := takeTurns(min(b.rounds, 3), turns...); err != nil {
		return o, err
	}
	for i, clients := range clientCounts {
		asks.add(float64(clients), own[i].values)
		handler.add(float64(clients), other[i].values)
	}
	o.Curves = []curve{{
		Name: "throughput-" + on, Title: "Asks accepted against clients, " + databaseNames[on],
		XLabel: "clients at the same time", YLabel: "asks accepted a second", Lines: []line{asks, handler},
	}}
	return o, nil
}

// serveWithCeiling starts a server, and beside it the Fiber handler that does one raw INSERT into the same database.
func (b *bench) serveWithCeiling(on string) (*server, *ceiling, error) {
	s, err := b.serve(on, 1000)
	if err != nil {
		return nil, nil, err
	}
	c, err := startCeiling(s.where)
	if err != nil {
		return nil, nil, errors.Join(err, s.stop())
	}
	return s, c, nil
}

// writer returns a client that sends bare INSERTs.
func (w *rawWriter) writer() opener {
	return func() (func() error, func(), error) {
		return func() error { return w.write(context.Background()) }, nil, nil
	}
}

// poster returns a client that asks the ceiling's handler.
func (c *ceiling) poster() opener {
	return func() (func() error, func(), error) {
		client := newCaller(c.base)
		return func() error {
			_, err := client.call("POST", "/", "{}", 202)
			return err
		}, client.leave, nil
	}
}
