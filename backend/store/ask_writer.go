package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

const (
	// askWriters write asks at the same time: while one waits for its commit, another's statement is on its way.
	askWriters = 2
	// maxAskSet asks are written by one statement at most.
	maxAskSet = 64
	// askSetLasts bounds one statement. It is shorter than a request may take, so that a host which is silent is left
	// while the asks behind it can still be answered.
	askSetLasts = 10 * time.Second
)

// errAsksWait is no deadline of a statement: the host answers, and its connections are not given up.
var errAsksWait = errors.New("the asks before this one are still being written")

// askWriter writes asks. Those that come while others are being written are written together, in one INSERT: everybody can
// ask without end, and a statement for each would keep the database from all other work in a rush. An ask that comes alone
// waits for nobody. No ask waits for more to come.
type askWriter struct {
	q queries
	// most is how many write at the same time: fewer than there are connections, so that the workers, sign-ins and the
	// later steps do not wait behind asks.
	most int
	// lasts bounds one statement.
	lasts time.Duration

	mu      sync.Mutex
	waiting []*waitingAsk
	writing int
}

// waitingAsk is an ask whose request waits for the end of its INSERT.
type waitingAsk struct {
	ctx  context.Context //nolint:containedctx // of the request that waits
	row  recoveryRow
	done chan error // has a place for the one answer
}

// add returns once the row is committed. When ctx ends before, the row may be written all the same.
func (w *askWriter) add(ctx context.Context, row recoveryRow) error {
	ask := &waitingAsk{ctx, row, make(chan error, 1)}
	w.mu.Lock()
	mayWrite := w.writing < w.most
	if mayWrite {
		w.writing++
	} else {
		w.waiting = append(w.waiting, ask)
	}
	w.mu.Unlock()
	if mayWrite {
		defer w.goOn()
		return w.writeRows([]*waitingAsk{ask})
	}
	select {
	case err := <-ask.done:
		return err
	case <-ctx.Done():
		return errAsksWait
	}
}

// goOn has the asks written that came while one was written alone, whose request does not wait for them.
func (w *askWriter) goOn() {
	set := w.take()
	if len(set) == 0 {
		return
	}
	go func() {
		for ; len(set) > 0; set = w.take() {
			w.write(set)
		}
	}()
}

// take takes the asks that have waited longest, without those whose requests have ended. When it takes none, the caller is
// no writer any more.
func (w *askWriter) take() (set []*waitingAsk) {
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

// write writes a set at once. What fails for another reason than a database that is away may be about one row only: then
// each is written alone.
func (w *askWriter) write(set []*waitingAsk) {
	err := w.writeRows(set)
	if err == nil || len(set) == 1 || IsUnavailable(err) {
		for _, ask := range set {
			ask.done <- err
		}
		return
	}
	for _, ask := range set {
		ask.done <- w.writeRows([]*waitingAsk{ask})
	}
}

// writeRows runs one INSERT for all.
func (w *askWriter) writeRows(set []*waitingAsk) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(set[0].ctx), w.lasts) // a trace shows it in the first ask
	defer cancel()
	values := make([]any, 0, len(set)*len(askColumns))
	for _, ask := range set {
		values = append(values, ask.row.asked()...)
	}
	return w.q.insertAsks(ctx, len(set), values)
}

// askColumns are the columns that have no default.
var askColumns = []string{
	"id", "receipt", "login_id", "mail_address_mac", "language", "client", "origin", "asked_at", "letter_asked_at", "gone_at",
	"member_id", "issuance_id", "key_name", "unresolved_since", "claimed_until",
}

// insertAsks runs one INSERT. A row that is there already is taken for this one only when it is alone: of several, the
// others may be missing.
func (q queries) insertAsks(ctx context.Context, rows int, values []any) error {
	row := "(?" + strings.Repeat(", ?", len(askColumns)-1) + ")"
	statement := "INSERT INTO recoveries (" + strings.Join(askColumns, ", ") + ") VALUES " + row + strings.Repeat(", "+row, rows-1)
	insert := func() error { return q.write.WithContext(ctx).Exec(statement, values...).Error }
	if rows == 1 {
		return addOnce(ctx, q, insert)
	}
	return q.repeat(ctx, isPassingInsert, insert)
}

func (r recoveryRow) asked() []any {
	return []any{
		r.ID, r.Receipt, r.LoginID, r.MailAddressMac, r.Language, r.Client, r.Origin, r.AskedAt, r.LetterAskedAt,
		r.GoneAt, r.MemberID, r.IssuanceID, r.KeyName, r.UnresolvedSince, r.ClaimedUntil,
	}
}
