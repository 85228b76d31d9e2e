package store

import (
	"context"

	"aikagi/backend/member"
)

// Recipients reads the login IDs of the members that letters go to.
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
