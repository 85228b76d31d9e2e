package session

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// maxPerMember bounds the sessions of one member, in case a program signs in again and again.
const maxPerMember = 50

// Backend stores sessions. It is a [Redis] or a [Memory]. Every method is atomic, so that touch cannot restore a session
// that a concurrent call closes, or undo a new password version.
type Backend interface {
	// open adds a session. If the member has maxPerMember sessions already, the one that was opened first ends.
	open(ctx context.Context, key string, s Session, life lifetime) error
	// touch sets SeenAt of a session that has not ended, and returns it. It removes a session that has ended.
	touch(ctx context.Context, key string, now time.Time, life lifetime) (Session, error)
	// raiseVersion raises the password version of a session that has not ended.
	raiseVersion(ctx context.Context, key string, version int64, now time.Time, life lifetime) error
	close(ctx context.Context, key string) error
	// list returns the member's sessions that have not ended, by key. It does not change SeenAt.
	list(ctx context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error)
	// closeOthers removes all sessions of the member except the one with this key.
	closeOthers(ctx context.Context, key string, id member.ID) error
	ping(ctx context.Context) error
}

// lifetime holds the durations after which a session ends by itself.
type lifetime struct{ idle, absolute time.Duration }

func (l lifetime) isOver(s Session, now time.Time) bool {
	return !now.Before(s.SeenAt.Add(l.idle)) || !now.Before(s.OpenedAt.Add(l.absolute))
}
