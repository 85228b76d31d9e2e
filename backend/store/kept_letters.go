package store

import (
	"context"
	"time"

	"gorm.io/gorm"

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

// where returns a query of the letters that the filter selects, without its limit.
func (which LetterFilter) where(query *gorm.DB) *gorm.DB {
	if which.State != "" {
		query = query.Where("state = ?", string(which.State))
	}
	if which.Unsuccessful {
		query = query.Where("state = ? OR state = ? AND answer <> ''", string(mail.Failed), string(mail.Waiting))
	}
	if which.Member != 0 {
		query = query.Where("member_id = ?", int64(which.Member))
	}
	return query
}

// Letters returns letters, newest first.
func (s *Members) Letters(ctx context.Context, which LetterFilter) ([]KeptLetter, error) {
	var rows []letterRow
	err := which.where(s.read.WithContext(ctx)).Order("created_at DESC").Limit(which.Limit).Find(&rows).Error
	found := make([]KeptLetter, len(rows))
	for i, row := range rows {
		found[i] = row.keptLetter()
	}
	return found, err
}

// CountLetters counts the letters that the filter selects, whatever its limit. It counts at most maxCounted, and reports
// whether there are no more.
func (s *Members) CountLetters(ctx context.Context, which LetterFilter) (total int, exact bool, err error) {
	return s.countLetters(ctx, which, maxCounted)
}

func (s *Members) countLetters(ctx context.Context, which LetterFilter, atMost int) (total int, exact bool, err error) {
	var found []uint64
	err = which.where(s.read.WithContext(ctx).Table("letters")).Limit(atMost+1).Pluck("seq", &found).Error
	return min(len(found), atMost), len(found) <= atMost, err
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
