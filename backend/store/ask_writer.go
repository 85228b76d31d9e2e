package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// askWriters bounds the concurrent INSERTs of asks: while one waits for its commit, another one is executed.
	askWriters = 2
	// maxAskSet bounds the asks of one INSERT.
	maxAskSet = 64
	// askSetTimeout bounds one INSERT. It is shorter than the time that a request may take: if a host does not answer, the
	// writer drops the connections to it while the waiting requests can still be answered.
	askSetTimeout = 10 * time.Second
)

// errAskQueue is returned when a request ends while its ask waits for its INSERT. It is not context.DeadlineExceeded,
// which would make the store drop its connections: the host answers, but other asks come first.
var errAskQueue = errors.New("the asks before this one are still being written")

// askWriter inserts asks. While maxWriting INSERTs are under way, the asks that arrive wait, and then one INSERT inserts
// many of them. Anybody can send any number of asks. With one statement for each ask, a flood of asks would leave the
// database no time for other work. If fewer INSERTs are under way, an ask is inserted at once: it never waits for later
// asks.
type askWriter struct {
	q queries
	// maxWriting bounds the concurrent INSERTs. It is lower than the number of connections, so that the workers,
	// sign-ins and later steps do not wait behind asks.
	maxWriting int
	// timeout bounds one INSERT.
	timeout time.Duration

	mu      sync.Mutex
	waiting []*waitingAsk
	writing int
}

// waitingAsk is an ask whose request waits for the end of its INSERT.
type waitingAsk struct {
	ctx  context.Context //nolint:containedctx // of the request that waits
	row  recoveryRow
	done chan error // has capacity for the one result
}

// add returns when the row is committed. If ctx ends before, the row may still be inserted.
func (w *askWriter) add(ctx context.Context, row recoveryRow) error {
	ask := &waitingAsk{ctx, row, make(chan error, 1)}
	w.mu.Lock()
	mayWrite := w.writing < w.maxWriting
	if mayWrite {
		w.writing++
	} else {
		w.waiting = append(w.waiting, ask)
	}
	w.mu.Unlock()
	if mayWrite {
		defer w.writeWaiting()                 //nolint:contextcheck // a set outlives the request of its first ask
		return w.writeRows([]*waitingAsk{ask}) //nolint:contextcheck // it uses the context of the ask
	}
	select {
	case err := <-ask.done:
		return err
	case <-ctx.Done():
		return errAskQueue
	}
}

// writeWaiting inserts the asks that arrived during an INSERT. It does so in the background: the caller is a request whose
// own ask is inserted, and it must not wait for the other asks.
func (w *askWriter) writeWaiting() {
	set := w.takeSet()
	if len(set) == 0 {
		return
	}
	go func() {
		for ; len(set) > 0; set = w.takeSet() {
			w.writeSet(set)
		}
	}()
}

// takeSet takes the asks that have waited longest, except those whose requests have ended. If there are none, it lowers
// w.writing, and the caller must stop.
func (w *askWriter) takeSet() (set []*waitingAsk) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) > 0 && len(set) < maxAskSet {
		if ask := w.waiting[0]; ask.ctx.Err() == nil {
			set = append(set, ask)
		}
		w.waiting = w.waiting[1:]
	}
	if len(set) == 0 {
		w.writing--
	}
	return set
}

// writeSet inserts a set. If that fails and the database is available, the cause may be a single row; then it inserts
// each row by itself.
func (w *askWriter) writeSet(set []*waitingAsk) {
	err := w.writeRows(set)
	if err != nil && len(set) > 1 && !IsUnavailable(err) {
		w.writeEach(set)
		return
	}
	answer(set, err)
}

// writeEach inserts each row by itself. When the database becomes unavailable, it tries none of the rows that are left, so that
// the asks behind them do not wait for each in turn.
func (w *askWriter) writeEach(set []*waitingAsk) {
	for n := range set {
		err := w.writeRows(set[n : n+1])
		if IsUnavailable(err) {
			answer(set[n:], err)
			return
		}
		answer(set[n:n+1], err)
	}
}

func answer(set []*waitingAsk, err error) {
	for _, ask := range set {
		ask.done <- err
	}
}

// writeRows runs one INSERT for the set. It returns a panic as an error: in the background goroutine of writeWaiting a panic
// would end the program.
func (w *askWriter) writeRows(set []*waitingAsk) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	// With this context a trace shows the INSERT under the request of the first ask.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(set[0].ctx), w.timeout)
	defer cancel()
	values := make([]any, 0, len(set)*len(askColumns))
	for _, ask := range set {
		values = append(values, ask.row.insertValues()...)
	}
	return w.q.insertAsks(ctx, len(set), values)
}

// askColumns are the columns that have no default.
var askColumns = []string{
	"id", "receipt", "login_id", "mail_address_mac", "language", "client", "origin", "asked_at", "letter_asked_at", "gone_at",
	"member_id", "issuance_id", "key_name", "unresolved_since", "claimed_until",
}

// insertAsks runs one INSERT. A duplicate key counts as success only if there is one row: an earlier try has inserted
// it. With several rows, others may be missing.
func (q queries) insertAsks(ctx context.Context, rows int, values []any) error {
	row := "(?" + strings.Repeat(", ?", len(askColumns)-1) + ")"
	statement := "INSERT INTO recoveries (" + strings.Join(askColumns, ", ") + ") VALUES " + row + strings.Repeat(", "+row, rows-1)
	insert := func() error { return q.write.WithContext(ctx).Exec(statement, values...).Error }
	if rows == 1 {
		return addOnce(ctx, q, insert)
	}
	return q.repeat(ctx, isTransientInsert, insert)
}

// insertValues returns the values of askColumns.
func (r recoveryRow) insertValues() []any {
	return []any{
		r.ID, r.Receipt, r.LoginID, r.MailAddressMac, r.Language, r.Client, r.Origin, r.AskedAt, r.LetterAskedAt,
		r.GoneAt, r.MemberID, r.IssuanceID, r.KeyName, r.UnresolvedSince, r.ClaimedUntil,
	}
}
