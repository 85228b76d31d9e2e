// Package session keeps the browsers that are signed in, in Redis for any number of servers or in the memory
// of one.
//
// A session carries the member's password version that was read together with the verified hash. The login
// room compares it with the member's row at every use: so a session ends with the old password at once, even
// one that Redis could not be told about.
//
// Redis is reached through gofiber/storage/redis, over a client that this package builds. A session is deleted with
// DeleteWithContext. Everything else is a script on Conn, because it reads and writes in one step: Get followed by Set
// would revive a session that was closed between the two.
package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/member"
)

// Session is one signed-in browser.
type Session struct {
	MemberID member.ID
	LoginID  member.LoginID
	// PasswordVersion is the one that the sign-in verified. The session counts only while it is the member's
	// present one.
	PasswordVersion int64
	Device          member.Device
	OpenedAt        time.Time
	SeenAt          time.Time // to the microsecond, as OpenedAt
}

// mostOfMember bounds one member's sessions. Nobody has so many browsers; a program that signs in again and again
// has.
const mostOfMember = 50

// Listed is one of a member's sessions as another of them sees it: nothing of its token, nor of its key.
type Listed struct {
	Session
	Current bool // it is the one that asked
}

// What can be wrong.
var (
	// ErrMissing says that there is no such session, or that it has ended.
	ErrMissing = errors.New("no such session")
	// ErrUnavailable says that sessions cannot be reached now. It wraps the cause.
	ErrUnavailable = errors.New("sessions are out of reach")
)

// Backend is where sessions lie: a Redis or a Memory. Each of its deeds is one indivisible step, so that looking
// at a session while another call closes it or moves it can neither revive it nor set it back.
type Backend interface {
	// open makes room first: of mostOfMember sessions the one that was opened first ends.
	open(ctx context.Context, key string, s Session, life lifetime) error
	// touch returns a session that has not ended, seen now. One that has ended is removed.
	touch(ctx context.Context, key string, now time.Time, life lifetime) (Session, error)
	// moveTo raises the password version of a session that has not ended.
	moveTo(ctx context.Context, key string, version int64, now time.Time, life lifetime) error
	close(ctx context.Context, key string) error
	// list returns the member's sessions that have not ended, by key. None of them is seen by that.
	list(ctx context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error)
	// closeOthers ends every session of the member but this one.
	closeOthers(ctx context.Context, key string, id member.ID) error
	ping(ctx context.Context) error
}

// lifetime says when sessions end by themselves.
type lifetime struct{ idle, absolute time.Duration }

func (l lifetime) isOver(s Session, now time.Time) bool {
	return !now.Before(s.SeenAt.Add(l.idle)) || !now.Before(s.OpenedAt.Add(l.absolute))
}

// Keeper opens, finds and closes sessions.
type Keeper struct {
	backend Backend
	life    lifetime
	now     func() time.Time
}

// New makes a keeper. A session ends when it was not seen for idle, and at the latest absolute after it was
// opened (ASVS 7.3.1, 7.3.2).
func New(backend Backend, idle, absolute time.Duration, now func() time.Time) *Keeper {
	return &Keeper{backend, lifetime{idle, absolute}, now}
}

// Open makes a session under a new token, whatever token the browser came with (CVE-2026-7507: fixation). The
// version is the one read together with the verified hash.
func (k *Keeper) Open(ctx context.Context, id member.ID, loginID member.LoginID, version int64, device member.Device) (Token, error) {
	token := generateToken()
	key, _ := token.key()
	now := k.present()
	opened := Session{
		MemberID: id, LoginID: loginID, PasswordVersion: version, Device: device, OpenedAt: now, SeenAt: now,
	}
	if err := k.backend.open(ctx, key, opened, k.life); err != nil {
		return Token{}, fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

// Find returns the token's session and begins its idle time anew. ErrMissing, ErrUnavailable.
func (k *Keeper) Find(ctx context.Context, token Token) (Session, error) {
	key, possible := token.key()
	if !possible {
		return Session{}, ErrMissing
	}
	found, err := k.backend.touch(ctx, key, k.present(), k.life)
	if err != nil {
		return Session{}, fmt.Errorf("find session: %w", err)
	}
	return found, nil
}

// MoveTo takes the session along to a newer password version: that of the change which it made itself. A newer
// version than this one stays. ErrMissing, ErrUnavailable; the session has then ended, for its version is an
// old one.
func (k *Keeper) MoveTo(ctx context.Context, token Token, version int64) error {
	key, possible := token.key()
	if !possible {
		return ErrMissing
	}
	if err := k.backend.moveTo(ctx, key, version, k.present(), k.life); err != nil {
		return fmt.Errorf("move session: %w", err)
	}
	return nil
}

// Close ends the session for good. Closing one that has ended is no error. ErrUnavailable.
func (k *Keeper) Close(ctx context.Context, token Token) error {
	key, possible := token.key()
	if !possible {
		return nil
	}
	if err := k.backend.close(ctx, key); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return nil
}

// List gives the member's live sessions under this password version, the one seen last first; the token tells
// which of them asks. At most 50. ErrUnavailable.
func (k *Keeper) List(ctx context.Context, token Token, id member.ID, version int64) ([]Listed, error) {
	found, err := k.backend.list(ctx, id, k.present(), k.life)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	own, _ := token.key()
	listed := make([]Listed, 0, len(found))
	for key, s := range found {
		if s.PasswordVersion == version {
			listed = append(listed, Listed{s, key == own})
		}
	}
	slices.SortFunc(listed, func(a, b Listed) int {
		return cmp.Or(b.SeenAt.Compare(a.SeenAt), b.OpenedAt.Compare(a.OpenedAt))
	})
	return listed, nil
}

// CloseOthers ends every session of the member but the token's, whatever version they carry (ASVS 7.5.2). A sign-in
// at the same moment comes wholly before or wholly after. ErrMissing when the token can be nobody's;
// ErrUnavailable, and then none may have ended.
func (k *Keeper) CloseOthers(ctx context.Context, token Token, id member.ID) error {
	key, possible := token.key()
	if !possible {
		return ErrMissing
	}
	if err := k.backend.closeOthers(ctx, key, id); err != nil {
		return fmt.Errorf("close other sessions: %w", err)
	}
	return nil
}

// Ping says whether a session could be opened now. In Redis it writes a key that expires: a Redis that is read-only, or
// full and evicts nothing, answers reads only. ErrUnavailable.
func (k *Keeper) Ping(ctx context.Context) error {
	if err := k.backend.ping(ctx); err != nil {
		return fmt.Errorf("ping sessions: %w", err)
	}
	return nil
}

// Count says how many sessions are open. Only the memory knows that without asking anybody: known is false for Redis.
func (k *Keeper) Count() (open int, known bool) {
	memory, known := k.backend.(*Memory)
	if !known {
		return 0, false
	}
	return memory.count(k.present(), k.life), true
}

// present is now as backends keep it, so that both give back the same times.
func (k *Keeper) present() time.Time { return k.now().UTC().Truncate(time.Microsecond) }
