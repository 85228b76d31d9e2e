package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/sink"
)

// Settle waits until no request waits to be resolved and no letter waits to be sent, and records the letters meanwhile. It returns
// how long that took.
func (l *Ledger) Settle(opened *store.Store, mails *sink.Server, within time.Duration) (time.Duration, error) {
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
