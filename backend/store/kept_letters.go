package store

import (
	"context"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
)

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
	State        mail.State // empty: any state
	Unsuccessful bool       // instead of a state: letters that failed, and letters that wait after a failed try
	Member       member.ID  // 0: any member
	Limit        int
}

// Letters returns letters, newest first.
func (s *Members) Letters(ctx context.Context, which LetterFilter) ([]KeptLetter, error) {
	query := s.read.WithContext(ctx).Order("created_at DESC").Limit(which.Limit)
	if which.State != "" {
		query = query.Where("state = ?", string(which.State))
	}
	if which.Unsuccessful {
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
