package store

import (
	"context"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// languageOf returns the language of the member's latest letter; Japanese if there is none.
func (q queries) languageOf(ctx context.Context, id member.ID) (recovery.Language, error) {
	var languages []string
	err := q.read.WithContext(ctx).Table("letters").Where("member_id = ?", int64(id)).Order("created_at DESC").Limit(1).
		Pluck("language", &languages).Error
	if err != nil || len(languages) == 0 {
		return recovery.Japanese, err
	}
	return recovery.Language(languages[0]), nil
}

// languagesOf returns the language of each member's latest letter; Japanese for members without one.
func (q queries) languagesOf(ctx context.Context, ids []member.ID) (map[member.ID]recovery.Language, error) {
	languages := make(map[member.ID]recovery.Language, len(ids))
	for _, id := range ids {
		languages[id] = recovery.Japanese
	}
	if len(ids) == 0 {
		return languages, nil
	}
	var rows []letterRow
	err := q.read.WithContext(ctx).Select("member_id", "language").
		Where("member_id IN ? AND created_at = (SELECT MAX(latest.created_at) FROM letters AS latest WHERE latest.member_id = letters.member_id)", ids).
		Find(&rows).Error
	for _, row := range rows {
		languages[member.ID(row.MemberID)] = recovery.Language(row.Language)
	}
	return languages, err
}
