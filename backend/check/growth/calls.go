package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

// call is one thing that is timed: prepare is not.
type call struct {
	name          string
	rounds        int // 0: as many as chosen
	prepare, time func(ctx context.Context, p *place, round int) error
}

const (
	resolvedAtOnce = 100
	sweptAtOnce    = 400
	heavyRounds    = 20
)

var calls = []call{
	{name: "ask", time: func(ctx context.Context, p *place, _ int) error { return p.ask(ctx) }},
	{name: "look at a recovery", time: func(ctx context.Context, p *place, n int) error {
		_, err := p.steps.Look(ctx, p.asked[n%len(p.asked)], recovery.Grant{})
		return err
	}},
	{name: "ask again", time: func(ctx context.Context, p *place, n int) error {
		return p.steps.AskAgain(ctx, p.asked[n%len(p.asked)])
	}},
	{name: "a guess", time: func(ctx context.Context, p *place, n int) error {
		_, err := p.store.Recoveries().CountGuess(ctx, p.asked[n%len(p.asked)], now())
		return err
	}},
	{name: "set a password", time: func(ctx context.Context, p *place, _ int) error { return p.setPassword(ctx) }},
	{name: "sign-in's row, known", time: func(ctx context.Context, p *place, _ int) error {
		_, err := p.store.Logins().MemberNamed(ctx, p.anyLoginID(), 1)
		return err
	}},
	{name: "sign-in's row, unknown", time: func(ctx context.Context, p *place, _ int) error {
		_, err := p.store.Logins().MemberNamed(ctx, "nobody", p.anyMember())
		return err
	}},
	{name: "a sign-in's activity", time: func(ctx context.Context, p *place, _ int) error {
		return p.store.Logins().AddActivity(ctx, member.Activity{ID: rand.Text(), MemberID: p.anyMember(), At: now(), Kind: member.SignedIn, By: member.ByMember})
	}},
	{name: "member page", time: func(ctx context.Context, p *place, _ int) error {
		id := p.anyMember()
		_, err := p.store.Logins().Member(ctx, id)
		if err == nil {
			_, err = p.store.Logins().Activities(ctx, id, 10)
		}
		return err
	}},
	{
		name: fmt.Sprintf("resolve %d asks", resolvedAtOnce), rounds: heavyRounds,
		prepare: func(ctx context.Context, p *place, _ int) error {
			for range resolvedAtOnce {
				if err := p.ask(ctx); err != nil {
					return err
				}
			}
			return nil
		},
		time: func(ctx context.Context, p *place, _ int) error { return p.resolver.Drain(ctx) },
	},
	{name: "claim letters, give them back", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		claim := rand.Text()
		found, err := p.store.Letters().ClaimDue(ctx, claim, now(), now().Add(time.Minute), 64)
		ids := make([]string, len(found))
		for i, letter := range found {
			ids[i] = letter.ID
		}
		return errors.Join(err, p.store.Letters().GiveBack(ctx, claim, ids))
	}},
	{name: "the resolver's look, nothing new", time: func(ctx context.Context, p *place, _ int) error { return p.resolver.Drain(ctx) }},
	{name: "count the backlog", time: func(ctx context.Context, p *place, _ int) error { _, err := p.store.Backlog(ctx); return err }},
	{name: "readiness: read and write", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		return errors.Join(p.store.Ready(ctx, now), p.store.Writable(ctx))
	}},
	{name: "release rows of the future", rounds: 60, time: func(ctx context.Context, p *place, _ int) error { return p.store.ReleaseFutureRows(ctx, now()) }},
	{name: "sweep, nothing is old", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		return p.sweep(ctx, 2*span)
	}},
	{name: fmt.Sprintf("sweep %d rows of each table", sweptAtOnce), rounds: heavyRounds, time: func(ctx context.Context, p *place, n int) error {
		perRow := (span - newest) / time.Duration(p.old)
		keep := now().Sub(p.filled.Add(-span)) - time.Duration((n+1)*sweptAtOnce)*perRow
		return p.sweep(ctx, keep)
	}},
	{name: "help desk: asks by login ID", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		_, err := p.store.Members().Asks(ctx, p.anyLoginID(), "", 20)
		return err
	}},
	{name: "help desk: asks by receipt", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		_, err := p.store.Members().Asks(ctx, "", fmt.Sprintf("%08d", mathrand.IntN(100_000_000)), 20)
		return err
	}},
	{name: "help desk: letters of a member", rounds: 60, time: func(ctx context.Context, p *place, _ int) error {
		_, err := p.store.Members().LettersOf(ctx, p.anyMember(), 20)
		return err
	}},
}

func (p *place) anyMember() member.ID       { return member.ID(1 + mathrand.IntN(p.members)) }
func (p *place) anyLoginID() member.LoginID { return p.loginID(p.anyMember()) }

func (p *place) loginID(id member.ID) member.LoginID {
	return member.LoginID(fleet.LoginID(int(id) - 1))
}

// ask asks for recovery for any member.
func (p *place) ask(ctx context.Context) error {
	n := int(p.anyMember()) - 1
	view, err := p.steps.Request(ctx, recovery.Ask{
		LoginID: member.LoginID(fleet.LoginID(n)), MailAddress: member.MailAddress(fleet.MailAddress(n)), Language: recovery.Japanese, Client: "192.0.2.1",
	})
	if err == nil {
		p.asked = append(p.asked, view.ID)
	}
	return err
}

// setPassword is the transaction of step 5 without its hashing.
func (p *place) setPassword(ctx context.Context) error {
	id := p.anyMember()
	return p.store.Recoveries().InTx(ctx, func(tx recovery.Store) error {
		m, err := tx.LockMember(ctx, id)
		if err != nil {
			return err
		}
		if _, err := tx.SetPassword(ctx, id, m.PasswordVersion, m.PasswordHash, now()); err != nil {
			return err
		}
		err = tx.AddActivity(ctx, member.Activity{ID: rand.Text(), MemberID: id, At: now(), Kind: member.Recovered, By: member.ByMember})
		return errors.Join(err, tx.AddLetter(ctx, recovery.NoticeOfChange(m, m.PasswordVersion+1, recovery.Japanese, now())))
	})
}

// compare times each call on the small and the large database in turns and prints the medians.
func compare(places [2]*place, rounds int) error {
	fmt.Printf("  %-36s %12s %12s %8s\n", "median", "small", "large", "ratio")
	for _, c := range calls {
		count := rounds
		if c.rounds > 0 {
			count = min(rounds, c.rounds)
		}
		var took [2][]time.Duration
		for round := range count {
			for i, p := range places {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
				err := c.once(ctx, p, round, &took[i])
				cancel()
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
			}
		}
		small, large := median(took[0]), median(took[1])
		fmt.Printf("  %-36s %9.2f ms %9.2f ms %8.2f\n", c.name, ms(small), ms(large), ms(large)/ms(small))
	}
	return nil
}

func (c call) once(ctx context.Context, p *place, round int, took *[]time.Duration) error {
	if c.prepare != nil {
		if err := c.prepare(ctx, p, round); err != nil {
			return err
		}
	}
	begun := time.Now()
	err := c.time(ctx, p, round)
	*took = append(*took, time.Since(begun))
	return err
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sweep deletes what is older than keep, with no rest between the sets. Its clock runs ahead by more than a lease lasts at each
// call, since each call has a sweeper of its own.
func (p *place) sweep(ctx context.Context, keep time.Duration) error {
	p.sweeps++
	ahead := time.Duration(p.sweeps) * 2 * time.Minute
	all := store.Retention{Recoveries: keep + ahead, Letters: keep + ahead, Activities: keep + ahead}
	clock := func() time.Time { return now().Add(ahead) }
	swept, err := p.store.Sweeper(all, clock, func(context.Context, time.Duration) {}).Sweep(ctx)
	if err == nil && !swept {
		return errors.New("another sweeper holds the lease")
	}
	return err
}
