package recovery

import (
	"context"
	"time"

	"aikagi/backend/member"
)

// Subkeys are the bytes that a key of the ring was expanded to.
func (r *Ring) Subkeys(name string) []string {
	keys := r.named(name)
	return []string{string(keys.temporaryPassword.reveal()), string(keys.mailAddress.reveal()), string(keys.disavowal.reveal())}
}

// ReadDisavowal gives what a token says, and whether a key of the ring has sealed it.
func (r *Ring) ReadDisavowal(token DisavowalToken) (id member.ID, version int64, at time.Time, ours bool) {
	said, ours := r.readDisavowal(token)
	return said.memberID, said.passwordVersion, said.issuedAt, ours
}

// Look resolves what waits as Run does: it waits for no locked row.
func (r *Resolver) Look(ctx context.Context) error { return r.drain(ctx, 0, SkipLocked) }
