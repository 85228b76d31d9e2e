package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Members answers what an operator's commands ask and do.
type Members struct{ queries }

// MembersNamed finds the members that have one of these login IDs.
func (s *Members) MembersNamed(ctx context.Context, ids []member.LoginID) ([]member.Member, error) {
	return s.membersNamed(ctx, ids)
}

// ErrTaken says that another command has added one of the members meanwhile. The database's own message quotes the
// login ID.
var ErrTaken = errors.New("a member with the same login ID was added meanwhile")

// AddMembers adds a batch in one transaction, or nobody: [ErrTaken].
func (s *Members) AddMembers(ctx context.Context, members []member.Member) error {
	err := s.transact(ctx, func(tx queries) error {
		rows := make([]memberRow, len(members)) // made at each try: GORM writes into them the ids that the last one gave
		for i, m := range members {
			rows[i] = rowOfMember(m)
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.write.WithContext(ctx).CreateInBatches(rows, rowsAtOnce).Error
	})
	if isDuplicate(err) {
		return ErrTaken
	}
	return err
}

// rowsAtOnce keeps a statement under SQLite's bound on values (32,766) and under MySQL's packet.
const rowsAtOnce = 500

// MemberChange is a change that an operator makes to a member. Each change raises the password version, so that sessions,
// grants and temporary passwords end.
type MemberChange struct {
	Kind   member.ActivityKind
	Author member.Author
	// Address is the new basic mail address, for member.AddressChanged.
	Address member.MailAddress
}

// Do makes an operator's change to a member and adds its activity, in one transaction. It returns false if there was nothing
// to change.
func (s *Members) Do(ctx context.Context, id member.ID, change MemberChange, now time.Time) (bool, error) {
	activity := member.Activity{ID: rand.Text(), MemberID: id, At: now, Kind: change.Kind, By: member.ByOperator, Author: change.Author}
	notices := [2]string{rand.Text(), rand.Text()}
	var changed bool
	err := s.transact(ctx, func(tx queries) error {
		own, err := tx.HasActivity(ctx, activity.ID)
		if err != nil || own {
			return err // committed by an earlier try whose answer was lost
		}
		if change.Kind == member.AddressChanged {
			changed, err = tx.changeAddress(ctx, id, change.Address, notices, now)
		} else {
			changed, err = tx.change(ctx, id, change.Kind, now)
		}
		if err != nil || !changed {
			return err
		}
		return tx.AddActivity(ctx, activity)
	})
	return changed, err
}

// raise begins the statement of every change.
const raise = `UPDATE members SET password_version = password_version + 1, `

func (q queries) change(ctx context.Context, id member.ID, kind member.ActivityKind, now time.Time) (bool, error) {
	switch kind {
	case member.Voided:
		return q.guarded(ctx, raise+`voided_at = ? WHERE id = ? AND voided_at IS NULL`, now, int64(id))
	case member.WasSuspended:
		return q.guarded(ctx, raise+`status = ? WHERE id = ? AND status = ?`, string(member.Suspended), int64(id), string(member.Active))
	case member.WasCancelled:
		return q.guarded(ctx, raise+`status = ? WHERE id = ? AND status <> ?`, string(member.Cancelled), int64(id), string(member.Cancelled))
	case member.Resumed:
		return q.guarded(ctx, raise+`status = ? WHERE id = ? AND status <> ?`, string(member.Active), int64(id), string(member.Active))
	}
	panic("store: not an operator's change: " + string(kind))
}

// changeAddress registers a new basic mail address, and makes a notice due to the former one and one to the new.
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
	return q.guarded(ctx, raise+`basic_mail_address = ? WHERE id = ?`, string(address), int64(id))
}

// languageOf is what the member's latest letter was written in, and Japanese when there was none.
func (q queries) languageOf(ctx context.Context, id member.ID) (recovery.Language, error) {
	var languages []string
	err := q.read.WithContext(ctx).Table("letters").Where("member_id = ?", int64(id)).Order("created_at DESC").Limit(1).
		Pluck("language", &languages).Error
	if err != nil || len(languages) == 0 {
		return recovery.Japanese, err
	}
	return recovery.Language(languages[0]), nil
}

// Asks lists the asks that named a login ID, or that have a receipt number; decoys too, newest first.
func (s *Members) Asks(ctx context.Context, id member.LoginID, receipt string, limit int) ([]recovery.Recovery, error) {
	query := s.read.WithContext(ctx).Where("origin = ?", string(recovery.FromAsk)).Order("asked_at DESC").Limit(limit)
	if receipt != "" {
		query = query.Where("receipt = ?", receipt)
	} else {
		query = query.Where("login_id = ?", string(id))
	}
	var rows []recoveryRow
	err := query.Find(&rows).Error
	found := make([]recovery.Recovery, len(rows))
	for i, row := range rows {
		found[i] = row.recovery()
	}
	return found, err
}

// KeptLetter is a letter as the operator sees it.
type KeptLetter struct {
	mail.Letter
	State   mail.State
	DueAt   time.Time
	EndedAt *time.Time
	Answer  string
}

func (r letterRow) kept() KeptLetter {
	return KeptLetter{r.letter(), mail.State(r.State), r.DueAt, r.EndedAt, r.Answer}
}

// LetterFilter says which letters are listed.
type LetterFilter struct {
	State  mail.State // empty: in any state
	InVain bool       // instead of a state: those that failed, and those that wait after a try that came to nothing
	Member member.ID  // 0: to any member
	Limit  int
}

// Letters lists letters, newest first.
func (s *Members) Letters(ctx context.Context, which LetterFilter) ([]KeptLetter, error) {
	query := s.read.WithContext(ctx).Order("created_at DESC").Limit(which.Limit)
	if which.State != "" {
		query = query.Where("state = ?", string(which.State))
	}
	if which.InVain {
		query = query.Where("state = ? OR state = ? AND answer <> ''", string(mail.Failed), string(mail.Waiting))
	}
	if which.Member != 0 {
		query = query.Where("member_id = ?", int64(which.Member))
	}
	var rows []letterRow
	err := query.Find(&rows).Error
	found := make([]KeptLetter, len(rows))
	for i, row := range rows {
		found[i] = row.kept()
	}
	return found, err
}

// LettersOf lists a member's letters, newest first.
func (s *Members) LettersOf(ctx context.Context, id member.ID, limit int) ([]KeptLetter, error) {
	return s.Letters(ctx, LetterFilter{Member: id, Limit: limit})
}

// LettersIn lists letters in one state, newest first.
func (s *Members) LettersIn(ctx context.Context, state mail.State, limit int) ([]KeptLetter, error) {
	return s.Letters(ctx, LetterFilter{State: state, Limit: limit})
}

// HasWork says whether an ask waits to be resolved, or a letter to be sent.
func (s *Members) HasWork(ctx context.Context) (bool, error) {
	var ids []string
	err := s.read.WithContext(ctx).Table("recoveries").Where("unresolved_since > ?", longAgo).Limit(1).Pluck("id", &ids).Error
	if err == nil && len(ids) == 0 {
		err = s.read.WithContext(ctx).Table("letters").Where("state = ?", string(mail.Waiting)).Limit(1).Pluck("id", &ids).Error
	}
	return len(ids) > 0, err
}
