package recovery

import (
	"context"
	"crypto/rand"
	"time"

	"aikagi/backend/member"
)

// PasswordChange is a new password that a member has chosen, by a recovery or on the member page.
type PasswordChange struct {
	Member     member.Member // as it was read before
	Hash       string        // of the new password
	Kind       member.ActivityKind
	RecoveryID ID // empty on the member page
	Device     member.Device
	Language   Language // of the notice
	At         time.Time
}

// passwordTx is the part of a transaction that SetPassword needs. The Store of this package and that of package login have it.
type passwordTx interface {
	activityTx
	SetPassword(ctx context.Context, id member.ID, version int64, hash string, now time.Time) (bool, error)
	AddActivity(ctx context.Context, a member.Activity) error
	AddLetter(ctx context.Context, l DueLetter) error
}

// SetPassword makes the change in one transaction: it sets the hash and raises the password version, calls alsoDo, if there is
// one, adds the activity, and makes the notice due. inTx is the InTx of a store.
//
// The higher version ends the member's sessions, grants and issuances. Of several changes at the same time one succeeds. The
// others get [ErrVersionRisen], because the password version is no longer that of Member. A change of a member who is not active
// gets it too.
func SetPassword[Tx passwordTx](ctx context.Context, inTx func(context.Context, func(Tx) error) error, c PasswordChange, alsoDo func(tx Tx) error) error {
	changed := member.Activity{
		ID: rand.Text(), MemberID: c.Member.ID, At: c.At, Kind: c.Kind,
		RecoveryID: string(c.RecoveryID), By: member.ByMember, Device: c.Device,
	}
	notice := NoticeOfChange(c.Member, c.Member.PasswordVersion+1, c.Language, c.At)
	return InTxOnce(ctx, inTx, changed.ID, func(tx Tx) error {
		isSet, err := tx.SetPassword(ctx, c.Member.ID, c.Member.PasswordVersion, c.Hash, c.At)
		if err != nil {
			return err
		}
		if !isSet {
			return ErrVersionRisen
		}
		if alsoDo != nil {
			if err := alsoDo(tx); err != nil {
				return err
			}
		}
		if err := tx.AddActivity(ctx, changed); err != nil {
			return err
		}
		return tx.AddLetter(ctx, notice)
	})
}
