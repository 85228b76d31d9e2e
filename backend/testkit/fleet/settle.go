package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/sink"
)

// Conclude ends a check after the load has ended. It waits until all work is done, prints what was accepted and which letters came,
// and redeems the temporary passwords of up to completed members at each server. The error lists the promises that were broken.
func (l *Ledger) Conclude(opened *store.Store, mails *sink.Server, within time.Duration, completed int, servers ...*Program) error {
	took, err := l.settle(opened, mails, within)
	if err != nil {
		return err
	}
	summary, failed := l.account()
	fmt.Printf("%s; at rest after %s\n", summary, took.Round(time.Millisecond))
	for _, server := range servers {
		redeemed, err := l.walkOn(server, completed)
		fmt.Printf("%s: %d temporary passwords were redeemed, each once\n", server.Name, redeemed)
		failed = errors.Join(failed, err)
	}
	return failed
}

// settle waits until no request waits to be resolved and no letter waits to be sent, and records the letters meanwhile. It returns
// how long that took.
func (l *Ledger) settle(opened *store.Store, mails *sink.Server, within time.Duration) (time.Duration, error) {
	begun := time.Now()
	for {
		hasWork, err := opened.Members().HasWork(context.Background())
		l.Receive(mails.Take())
		if err == nil && !hasWork {
			l.Receive(mails.Take())
			return time.Since(begun), nil
		}
		if time.Since(begun) > within {
			return within, errors.Join(err, fmt.Errorf("after %s some requests or letters still wait", within))
		}
		time.Sleep(20 * time.Millisecond)
	}
}
