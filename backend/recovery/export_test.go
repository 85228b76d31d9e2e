package recovery

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// Subkeys returns the bytes of some subkeys of a key.
func (r *Ring) Subkeys(name string) []string {
	keys := r.named(name)
	return []string{string(keys.temporaryPassword.Reveal()), string(keys.mailAddress.Reveal()), string(keys.disavowal.Reveal())}
}

// ReadDisavowal returns the content of a token, and whether a key of the ring made it.
func (r *Ring) ReadDisavowal(token DisavowalToken) (id member.ID, version int64, at time.Time, isOurs bool) {
	content, isOurs := r.readDisavowal(token)
	return content.memberID, content.passwordVersion, content.issuedAt, isOurs
}

// DrainUnlocked resolves what waits as Run does: it skips locked rows.
func (r *Resolver) DrainUnlocked(ctx context.Context) error { return r.drain(ctx, 0, SkipLocked) }
