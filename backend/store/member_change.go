package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// MemberChange is a change that an operator makes to a member. Each change raises the password version, so that sessions,
// grants and temporary passwords end.
type MemberChange struct {
	Kind   member.ActivityKind
	Author member.Author
	// Address is the new basic mail address, for member.AddressChanged.
	Address member.MailAddress
}

// Do makes an operator's change to a member and adds its activity, in one transaction. It returns false if there was
// nothing to change.
func (s *Members) Do(ctx context.Context, id member.ID, change MemberChange, now time.Time) (bool, error) {
	activity := member.Activity{ID: rand.Text(), MemberID: id, At: now, Kind: change.Kind, By: member.ByOperator, Author: change.Author}
	notices := [2]string{rand.Text(), rand.Text()}
	var changed bool
	err := recovery.InTxOnce(ctx, s.transact, activity.ID, func(tx queries) (err error) {
		if change.Kind == member.AddressChanged {
			changed, err = tx.changeAddress(ctx, id, change.Address, notices, now)
		} else {
			changed, err = tx.applyChange(ctx, id, change.Kind, now)
		}
		if err != nil || !changed {
			return err
		}
		return tx.AddActivity(ctx, activity)
	})
	return changed, err
}

// raiseVersion is the start of the UPDATE of every change. It raises the password version.
const raiseVersion = `UPDATE members SET password_version = password_version + 1, `

func (q queries) applyChange(ctx context.Context, id member.ID, kind member.ActivityKind, now time.Time) (bool, error) {
	switch kind {
	case member.Voided:
		return q.guarded(ctx, raiseVersion+`voided_at = ? WHERE id = ? AND voided_at IS NULL`, now, int64(id))
	case member.WasSuspended:
		return q.guarded(ctx, raiseVersion+`status = ? WHERE id = ? AND status = ?`, string(member.Suspended), int64(id), string(member.Active))
	case member.WasCancelled:
		return q.guarded(ctx, raiseVersion+`status = ? WHERE id = ? AND status <> ?`, string(member.Cancelled), int64(id), string(member.Cancelled))
	case member.Resumed:
		return q.guarded(ctx, raiseVersion+`status = ? WHERE id = ? AND status <> ?`, string(member.Active), int64(id), string(member.Active))
	}
	panic("store: not an operator's change: " + string(kind))
}

// changeAddress sets a new basic mail address. It makes a notice to the former address due and one to the new address.
func (q queries) changeAddress(ctx context.Context, id member.ID, address member.MailAddress, notices [2]string, now time.Time) (bool, error) {
	before, err := q.LockMember(ctx, id)
	if errors.Is(err, recovery.ErrNotFound) || err == nil && before.MailAddress == address {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	language, err := q.languageOf(ctx, id)
	if err != nil {
		return false, err
	}
	for _, notice := range recovery.NoticesOfNewAddress(notices, before, language, now) {
		if err := q.AddLetter(ctx, notice); err != nil {
			return false, err
		}
	}
	return q.guarded(ctx, raiseVersion+`basic_mail_address = ? WHERE id = ?`, string(address), int64(id))
}
