package main

import (
	"cmp"
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

// call is one call that is timed. prepare runs before it and is not timed.
type call struct {
	name          string
	rounds        int // 0: the number of the option
	prepare, time func(ctx context.Context, d *database, round int) error
}

const (
	resolvedAtOnce = 100
	sweptAtOnce    = 400
	heavyRounds    = 20
)

var calls = []call{
	{name: "ask", time: func(ctx context.Context, d *database, _ int) error { return d.ask(ctx) }},
	{name: "look at a recovery", time: func(ctx context.Context, d *database, n int) error {
		_, err := d.steps.Look(ctx, d.asked[n%len(d.asked)], recovery.Grant{})
		return err
	}},
	{name: "ask again", time: func(ctx context.Context, d *database, n int) error {
		return d.steps.AskAgain(ctx, d.asked[n%len(d.asked)])
	}},
	{name: "a guess", time: func(ctx context.Context, d *database, n int) error {
		_, err := d.store.Recoveries().CountGuess(ctx, d.asked[n%len(d.asked)], now())
		return err
	}},
	{name: "set a password", time: func(ctx context.Context, d *database, _ int) error { return d.setPassword(ctx) }},
	{name: "sign-in's row, known", time: func(ctx context.Context, d *database, _ int) error {
		_, err := d.store.Logins().MemberNamed(ctx, d.anyLoginID(), 1)
		return err
	}},
	{name: "sign-in's row, unknown", time: func(ctx context.Context, d *database, _ int) error {
		_, err := d.store.Logins().MemberNamed(ctx, "nobody", d.anyMember())
		return err
	}},
	{name: "a sign-in's activity", time: func(ctx context.Context, d *database, _ int) error {
		return d.store.Logins().AddActivity(ctx, member.Activity{ID: rand.Text(), MemberID: d.anyMember(), At: now(), Kind: member.SignedIn, By: member.ByMember})
	}},
	{name: "member page", time: func(ctx context.Context, d *database, _ int) error {
		id := d.anyMember()
		_, err := d.store.Logins().Member(ctx, id)
		if err == nil {
			_, err = d.store.Logins().Activities(ctx, id, 10)
		}
		return err
	}},
	{
		name: fmt.Sprintf("resolve %d asks", resolvedAtOnce), rounds: heavyRounds,
		prepare: func(ctx context.Context, d *database, _ int) error {
			for range resolvedAtOnce {
				if err := d.ask(ctx); err != nil {
					return err
				}
			}
			return nil
		},
		time: func(ctx context.Context, d *database, _ int) error { return d.resolver.Drain(ctx) },
	},
	{name: "claim letters, give them back", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		claim := rand.Text()
		found, err := d.store.Letters().ClaimDue(ctx, claim, now(), now().Add(time.Minute), 64)
		ids := make([]string, len(found))
		for i, letter := range found {
			ids[i] = letter.ID
		}
		return errors.Join(err, d.store.Letters().ReleaseClaims(ctx, claim, ids))
	}},
	{name: "the resolver's look, nothing new", time: func(ctx context.Context, d *database, _ int) error { return d.resolver.Drain(ctx) }},
	{name: "count the backlog", time: func(ctx context.Context, d *database, _ int) error { _, err := d.store.Backlog(ctx); return err }},
	{name: "readiness: read and write", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		return errors.Join(d.store.Ready(ctx, now), d.store.Writable(ctx))
	}},
	{name: "release rows of the future", rounds: 60, time: func(ctx context.Context, d *database, _ int) error { return d.store.ReleaseFutureRows(ctx, now()) }},
	{name: "sweep, nothing is old", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		return d.sweep(ctx, 2*span)
	}},
	{name: "help desk: asks by login ID", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		_, err := d.store.Members().Asks(ctx, d.anyLoginID(), "", 20)
		return err
	}},
	{name: "help desk: asks by receipt", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		_, err := d.store.Members().Asks(ctx, "", fmt.Sprintf("%08d", mathrand.IntN(100_000_000)), 20)
		return err
	}},
	{name: "help desk: letters of a member", rounds: 60, time: func(ctx context.Context, d *database, _ int) error {
		_, err := d.store.Members().LettersOf(ctx, d.anyMember(), 20)
		return err
	}},
	// The last call, since it deletes a large share of the small tables.
	{name: fmt.Sprintf("sweep %d rows of each table", sweptAtOnce), rounds: heavyRounds, time: func(ctx context.Context, d *database, n int) error {
		perRow := (span - newest) / time.Duration(d.old)
		keep := now().Sub(d.filled.Add(-span)) - time.Duration((n+1)*sweptAtOnce)*perRow
		return d.sweep(ctx, keep)
	}},
}

func (d *database) anyMember() member.ID       { return member.ID(1 + mathrand.IntN(d.members)) }
func (d *database) anyLoginID() member.LoginID { return d.loginID(d.anyMember()) }

func (d *database) loginID(id member.ID) member.LoginID {
	return member.LoginID(fleet.LoginID(int(id) - 1))
}

// askStride is prime, so the asks go to members that are far apart, and to none twice before all have had one. With random members
// more asks in the small database would find a letter of an earlier ask, and cause less work.
const askStride = 7919

// ask asks for recovery for another member than the asks before it.
func (d *database) ask(ctx context.Context) error {
	n := len(d.asked) * askStride % d.members
	view, err := d.steps.Request(ctx, recovery.Ask{
		LoginID: member.LoginID(fleet.LoginID(n)), MailAddress: member.MailAddress(fleet.MailAddress(n)), Language: recovery.Japanese, Client: "192.0.2.1",
	})
	if err == nil {
		d.asked = append(d.asked, view.ID)
	}
	return err
}

// setPassword runs the transaction of step 5, without the hashing.
func (d *database) setPassword(ctx context.Context) error {
	id := d.anyMember()
	return d.store.Recoveries().InTx(ctx, func(tx recovery.Store) error {
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

// compare times each call on the small and the large database alternately, and prints the medians of the times, and of the counters
// if the counters are read.
func compare(databases [2]*database, rounds int) error {
	fmt.Printf("  %-36s %12s %12s %8s\n", "median", "small", "large", "ratio")
	for _, c := range calls {
		count := rounds
		if c.rounds > 0 {
			count = min(rounds, c.rounds)
		}
		var took [2][]time.Duration
		var rose [2][]counterValues
		for round := range count {
			for i, d := range databases {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
				err := c.once(ctx, d, round, &took[i], &rose[i])
				cancel()
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
			}
		}
		small, large := median(took[0]), median(took[1])
		fmt.Printf("  %-36s %9.2f ms %9.2f ms %8.2f", c.name, ms(small), ms(large), ms(large)/ms(small))
		if databases[0].hasCounters {
			printCounters(rose[0], rose[1])
		}
		fmt.Println()
	}
	return nil
}

// once runs the call once, and adds its time and, if the counters are read, by how much the counters rose.
func (c call) once(ctx context.Context, d *database, round int, took *[]time.Duration, rose *[]counterValues) error {
	if c.prepare != nil {
		if err := c.prepare(ctx, d, round); err != nil {
			return err
		}
	}
	run := func() error {
		begun := time.Now()
		err := c.time(ctx, d, round)
		*took = append(*took, time.Since(begun))
		return err
	}
	if d.hasCounters {
		return d.runCounted(ctx, rose, run)
	}
	return run()
}

func median[T cmp.Ordered](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sweep deletes rows that are older than keep, without a pause between the batches. Each call has a new sweeper, so its clock is
// ahead of the previous one's by more than the lease lasts.
func (d *database) sweep(ctx context.Context, keep time.Duration) error {
	d.sweeps++
	ahead := time.Duration(d.sweeps) * 2 * time.Minute
	all := store.Retention{Recoveries: keep + ahead, Letters: keep + ahead, Activities: keep + ahead}
	clock := func() time.Time { return now().Add(ahead) }
	swept, err := d.store.Sweeper(all, clock, func(context.Context, time.Duration) {}).Sweep(ctx)
	if err == nil && !swept {
		return errors.New("another sweeper holds the lease")
	}
	return err
}
