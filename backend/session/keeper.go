package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/member"
)

// Keeper opens, finds, lists and closes sessions. It is safe for concurrent use.
type Keeper struct {
	backend Backend
	life    lifetime
	now     func() time.Time
}

// New returns a Keeper. A session ends when it was not used for the duration idle, and at the latest when the duration
// absolute has passed since it was opened (ASVS 7.3.1, 7.3.2).
func New(backend Backend, idle, absolute time.Duration, now func() time.Time) *Keeper {
	return &Keeper{backend, lifetime{idle, absolute}, now}
}

// Open opens a session under a new token. A token that the browser already has is never reused (session fixation,
// CVE-2026-7507). The version must be the one that was read together with the verified hash.
func (k *Keeper) Open(ctx context.Context, id member.ID, loginID member.LoginID, version int64, device member.Device) (Token, error) {
	token := generateToken()
	key, _ := token.key()
	now := k.currentTime()
	opened := Session{
		MemberID: id, LoginID: loginID, PasswordVersion: version, Device: device, OpenedAt: now, SeenAt: now,
	}
	if err := k.backend.open(ctx, key, opened, k.life); err != nil {
		return Token{}, fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

// Find returns the token's session and restarts its idle time. It returns ErrMissing or ErrUnavailable.
func (k *Keeper) Find(ctx context.Context, token Token) (Session, error) {
	key, isToken := token.key()
	if !isToken {
		return Session{}, ErrMissing
	}
	found, err := k.backend.touch(ctx, key, k.currentTime(), k.life)
	if err != nil {
		return Session{}, fmt.Errorf("find session: %w", err)
	}
	return found, nil
}

// RaiseVersion sets the password version of the session that changed the password, so that it stays valid while the
// member's other sessions end. It never lowers a version. It returns ErrMissing or ErrUnavailable; then the session keeps
// the old version, which is no longer valid.
func (k *Keeper) RaiseVersion(ctx context.Context, token Token, version int64) error {
	key, isToken := token.key()
	if !isToken {
		return ErrMissing
	}
	if err := k.backend.raiseVersion(ctx, key, version, k.currentTime(), k.life); err != nil {
		return fmt.Errorf("raise session version: %w", err)
	}
	return nil
}

// Close ends the session. It is no error if the session has ended already. It returns ErrUnavailable.
func (k *Keeper) Close(ctx context.Context, token Token) error {
	key, isToken := token.key()
	if !isToken {
		return nil
	}
	if err := k.backend.close(ctx, key); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return nil
}

// List returns the member's sessions with this password version, the most recently seen first, at most 50. The token
// is the caller's. It returns ErrUnavailable.
func (k *Keeper) List(ctx context.Context, token Token, id member.ID, version int64) ([]Listed, error) {
	found, err := k.backend.list(ctx, id, k.currentTime(), k.life)
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

// CloseOthers ends all sessions of the member except the token's, of any password version (ASVS 7.5.2). A concurrent
// sign-in happens either before or after it. It returns ErrMissing for text that cannot be a token, or ErrUnavailable;
// then possibly no session has ended.
func (k *Keeper) CloseOthers(ctx context.Context, token Token, id member.ID) error {
	key, isToken := token.key()
	if !isToken {
		return ErrMissing
	}
	if err := k.backend.closeOthers(ctx, key, id); err != nil {
		return fmt.Errorf("close other sessions: %w", err)
	}
	return nil
}

// Ping checks whether a session could be opened now. In Redis it writes a key that expires, because a Redis that is
// read-only or full still answers reads. It returns ErrUnavailable.
func (k *Keeper) Ping(ctx context.Context) error {
	if err := k.backend.ping(ctx); err != nil {
		return fmt.Errorf("ping sessions: %w", err)
	}
	return nil
}

// Count returns the number of open sessions in memory. known is false for Redis, which would have to be asked.
func (k *Keeper) Count() (open int, known bool) {
	memory, known := k.backend.(*Memory)
	if !known {
		return 0, false
	}
	return memory.count(k.currentTime(), k.life), true
}

// currentTime returns the time in the precision of Redis, so that both backends return equal times.
func (k *Keeper) currentTime() time.Time { return k.now().UTC().Truncate(time.Microsecond) }
