package store

import (
	"context"

	"aikagi/backend/member"
)

// MembersAfter returns members in the order of their ids, after one of them. An export reads the table in such parts,
// so that no transaction stays open while the reader of the export waits.
func (s *Members) MembersAfter(ctx context.Context, after member.ID, limit int) ([]member.Member, error) {
	var rows []memberRow
	err := s.read.WithContext(ctx).Where("id > ?", int64(after)).Order("id").Limit(limit).Find(&rows).Error
	return membersOf(rows), err
}

// CountMembers counts all members.
func (s *Members) CountMembers(ctx context.Context) (count int64, err error) {
	err = s.read.WithContext(ctx).Table("members").Count(&count).Error
	return count, err
}
