package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/store"
	"aikagi/backend/testkit/sink"
)

// Settle waits, writing down the letters that come, until no ask waits to be resolved and no letter to be sent. It says
// how long that took.
func (l *Ledger) Settle(opened *store.Store, mails *sink.Server, within time.Duration) (time.Duration, error) {
	begun := time.Now()
	for {
		works, err := opened.Members().HasWork(context.Background())
		l.Receive(mails.Take())
		if err == nil && !works {
			l.Receive(mails.Take())
			return time.Since(begun), nil
		}
		if time.Since(begun) > within {
			return within, errors.Join(err, fmt.Errorf("after %s there is still work to do", within))
		}
		time.Sleep(20 * time.Millisecond)
	}
}
