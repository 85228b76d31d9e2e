package store

import (
	"cmp"
	"context"
	"time"

	"aikagi/backend/mail"
)

// MaxClockDifference is how far the clock of this machine may differ from another machine's, such as the database's. With more,
// letters would state wrong expiries.
const MaxClockDifference = 5 * time.Second

const (
	// maxClaimAhead is later than any claim ends. A claim lasts 10 s, and the clock of the server that made it may be
	// ahead.
	maxClaimAhead = 30 * time.Second
	// maxSetAsideAhead is later than any ask that is set aside waits. It waits for at most a minute.
	maxSetAsideAhead = 2 * time.Minute
)

// ReleaseFutureRows repairs rows written while the clock was ahead: it clears claims, due times and waiting times that
// lie further in the future than any written now. It reads every waiting letter, so it is for the start of the program
// and for when the clock has stepped back.
func (s *Store) ReleaseFutureRows(ctx context.Context, now time.Time) error {
	tooFar, waiting := now.Add(maxClaimAhead), string(mail.Waiting)
	return cmp.Or( // all are run; they usually fail for one reason
		inSets[recoveryRow](ctx, s.q, `UPDATE recoveries SET claimed_by = '', claimed_until = ?`, []any{longAgo},
			`unresolved_since > ? AND claimed_until > ?`, longAgo, tooFar),
		inSets[recoveryRow](ctx, s.q, `UPDATE recoveries SET unresolved_since = ?`, []any{now}, `unresolved_since > ?`, tooFar),
		inSets[letterRow](ctx, s.q, `UPDATE letters SET claimed_by = '', claimed_until = ?`, []any{longAgo},
			`state = ? AND claimed_until > ?`, waiting, tooFar),
		inSets[letterRow](ctx, s.q, `UPDATE letters SET due_at = ?`, []any{now},
			`state = ? AND due_at > ?`, waiting, now.Add(mail.LongestWait+2*MaxClockDifference)),
	)
}
