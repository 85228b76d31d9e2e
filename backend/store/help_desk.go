package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// LetterLinks returns the recoveries that letters link to, by their ids. Only the reader of the letter and the operator
// may see these ids.
func (s *Members) LetterLinks(ctx context.Context, letters []KeptLetter) (map[recovery.ID]recovery.Recovery, error) {
	ids := make([]string, 0, len(letters))
	for _, letter := range letters {
		if letter.RecoveryID != "" {
			ids = append(ids, string(letter.RecoveryID))
		}
	}
	var rows []recoveryRow
	err := s.read.WithContext(ctx).Where("id IN ?", ids).Find(&rows).Error
	found := make(map[recovery.ID]recovery.Recovery, len(rows))
	for _, row := range rows {
		found[recovery.ID(row.ID)] = row.recovery()
	}
	return found, err
}

// Issuances returns the issuances of letters by their ids, and the member's live issuance. The live one may belong to a
// letter that is not sent yet. It is empty if there is none.
func (s *Members) Issuances(ctx context.Context, id member.ID, letters []KeptLetter) (
	found map[string]recovery.Issuance, live recovery.Issuance, err error,
) {
	ids := make([]string, 0, len(letters))
	for _, letter := range letters {
		if letter.IssuanceID != "" {
			ids = append(ids, letter.IssuanceID)
		}
	}
	found = make(map[string]recovery.Issuance)
	for _, query := range []struct {
		where string
		value any
	}{{"id IN ?", ids}, {"live_member_id = ?", int64(id)}} {
		var rows []issuanceRow
		if err := s.read.WithContext(ctx).Where(query.where, query.value).Find(&rows).Error; err != nil {
			return nil, recovery.Issuance{}, err
		}
		for _, row := range rows {
			found[row.ID] = row.issuance()
			if row.LiveMemberID != nil {
				live = row.issuance()
			}
		}
	}
	return found, live, nil
}

// Asks returns the asks for a login ID, or with a receipt number, newest first. It returns decoys too.
func (s *Members) Asks(ctx context.Context, id member.LoginID, receipt string, limit int) ([]recovery.Recovery, error) {
	query := s.read.WithContext(ctx).Where("origin = ?", string(recovery.FromAsk)).Order("asked_at DESC").Limit(limit)
	if receipt != "" {
		query = query.Where("receipt = ?", receipt)
	} else {
		query = query.Where("login_id = ?", string(id))
	}
	var rows []recoveryRow
	err := query.Find(&rows).Error
	return recoveriesOf(rows), err
}

// KeptLetter is a letter as operators see it.
type KeptLetter struct {
	mail.Letter
	State   mail.State
	DueAt   time.Time
	EndedAt *time.Time
	Answer  string
}

func (r letterRow) keptLetter() KeptLetter {
	return KeptLetter{r.letter(), mail.State(r.State), r.DueAt, r.EndedAt, r.Answer}
}

// LetterFilter selects letters.
type LetterFilter struct {
	State  mail.State // empty: any state
	InVain bool       // instead of a state: letters that failed, and letters that wait after a failed try
	Member member.ID  // 0: any member
	Limit  int
}

// Letters returns letters, newest first.
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
		found[i] = row.keptLetter()
	}
	return found, err
}

// LettersOf returns a member's letters, newest first.
func (s *Members) LettersOf(ctx context.Context, id member.ID, limit int) ([]KeptLetter, error) {
	return s.Letters(ctx, LetterFilter{Member: id, Limit: limit})
}

// LettersIn returns letters in one state, newest first.
func (s *Members) LettersIn(ctx context.Context, state mail.State, limit int) ([]KeptLetter, error) {
	return s.Letters(ctx, LetterFilter{State: state, Limit: limit})
}

// HasWork reports whether an ask waits to be resolved or a letter to be sent.
func (s *Members) HasWork(ctx context.Context) (bool, error) {
	var ids []string
	err := s.read.WithContext(ctx).Table("recoveries").Where("unresolved_since > ?", longAgo).Limit(1).Pluck("id", &ids).Error
	if err == nil && len(ids) == 0 {
		err = s.read.WithContext(ctx).Table("letters").Where("state = ?", string(mail.Waiting)).Limit(1).Pluck("id", &ids).Error
	}
	return len(ids) > 0, err
}

// Recipients returns the login IDs of the members that letters go to.
func (s *Members) Recipients(ctx context.Context, letters []KeptLetter) (map[member.ID]member.LoginID, error) {
	ids := make([]int64, len(letters))
	for i, letter := range letters {
		ids[i] = int64(letter.MemberID)
	}
	var rows []struct {
		ID      int64
		LoginID string
	}
	err := s.read.WithContext(ctx).Table("members").Select("id, login_id").Where("id IN ?", ids).Find(&rows).Error
	found := make(map[member.ID]member.LoginID, len(rows))
	for _, row := range rows {
		found[member.ID(row.ID)] = member.LoginID(row.LoginID)
	}
	return found, err
}
