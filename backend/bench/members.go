package main

import (
	"errors"
	"fmt"
	"time"

	"aikagi/backend/testkit/fleet"
)

// memberCounts are the sizes in the plot.
var memberCounts = []int{1_000, 3_000, 10_000, 30_000, 100_000}

// callsARound is how often each call is made at each size in a round.
const callsARound = 15

// sized is a server whose database has so many members, and the times of its calls.
type sized struct {
	*server
	members int
	client  *caller
	used    int // members who have asked
}

// measureMembers plots the latency of calls against the number of members. All sizes take turns.
func measureMembers(b *bench, on string) (o outcome, err error) {
	var all []*sized
	defer func() {
		for _, s := range all {
			s.client.leave()
			err = errors.Join(err, s.stop())
		}
	}()
	for _, members := range memberCounts {
		s, err := b.serve(on, members)
		if err != nil {
			return o, err
		}
		all = append(all, &sized{server: s, members: members, client: newCaller(s.Base)})
	}
	lines := []line{{Name: "ask"}, {Name: "step 4"}, {Name: "request to letter"}, {Name: "sign-in"}}
	values := make([][][]float64, len(all)) // by size and line
	for i := range values {
		values[i] = make([][]float64, len(lines))
	}
	for range b.rounds {
		for i, s := range all {
			medians, err := s.round()
			if err != nil {
				return o, fmt.Errorf("%d members: %w", s.members, err)
			}
			for k, median := range medians {
				values[i][k] = append(values[i][k], median)
			}
		}
	}
	for i, s := range all {
		for k := range lines {
			lines[k].add(float64(s.members), values[i][k])
		}
	}
	least, most := values[0], values[len(values)-1]
	for k, l := range lines {
		ratio := summarise(ratios(most[k], least[k]))
		o.Rows = append(o.Rows, row{
			Name: fmt.Sprintf("%s, p50, %s members", l.Name, digits(float64(memberCounts[len(memberCounts)-1]))), Unit: "ms", Own: summarise(most[k]),
			Beside: digits(float64(memberCounts[0])) + " members", Ceiling: summarise(least[k]), Ratio: ratio, Goal: ratioAtMost(1.1),
		})
	}
	o.Curves = []curve{{
		Name: "latency-" + on, Title: "Median latency against members, one client, " + databaseNames[on],
		XLabel: "members", YLabel: "ms", LogY: true, Lines: lines,
	}}
	return o, nil
}

// round makes each call some times, each for another member, and returns the medians in milliseconds.
func (s *sized) round() ([]float64, error) {
	var ask, look, letter, signIn []time.Duration
	timed := func(all *[]time.Duration, do func() error) error {
		begun := time.Now()
		err := do()
		*all = append(*all, time.Since(begun))
		return err
	}
	for range callsARound {
		// 7919 is coprime to every size: neighbouring asks are of different pages of the tables.
		member := s.used * 7919 % s.members
		s.used++
		d, err := s.askAndAwait(s.client, member)
		if err != nil {
			return nil, err
		}
		letter = append(letter, d)
		path := s.mails.Letters()[0].RecoveryPath()
		if err := s.settle(); err != nil {
			return nil, err
		}
		err = errors.Join(
			timed(&look, func() error { _, err := s.client.call("GET", path, "", 200); return err }),
			timed(&signIn, func() error { return s.client.signIn(fleet.LoginID(member)) }),
			timed(&ask, func() error { return s.client.ask(-1) }),
		)
		if err != nil {
			return nil, err
		}
		time.Sleep(betweenAsks)
	}
	return []float64{ms(at(ask, 0.5)), ms(at(look, 0.5)), ms(at(letter, 0.5)), ms(at(signIn, 0.5))}, nil
}
