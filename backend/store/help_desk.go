package store

import (
	"context"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// LetterLinks reads the recoveries that these letters link to, by their ids. They are told to nobody but the reader of
// the letter and the operator.
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

// Issuances reads what these letters carried, by id, and the member's present issuance, which may not be mailed yet;
// that one has no id when there is none.
func (s *Members) Issuances(ctx context.Context, id member.ID, letters []KeptLetter) (
	carried map[string]recovery.Issuance, present recovery.Issuance, err error,
) {
	ids := make([]string, 0, len(letters))
	for _, letter := range letters {
		if letter.IssuanceID != "" {
			ids = append(ids, letter.IssuanceID)
		}
	}
	carried = make(map[string]recovery.Issuance)
	for _, query := range []struct {
		where string
		value any
	}{{"id IN ?", ids}, {"live_member_id = ?", int64(id)}} {
		var rows []issuanceRow
		if err := s.read.WithContext(ctx).Where(query.where, query.value).Find(&rows).Error; err != nil {
			return nil, recovery.Issuance{}, err
		}
		for _, row := range rows {
			carried[row.ID] = row.issuance()
			if row.LiveMemberID != nil {
				present = row.issuance()
			}
		}
	}
	return carried, present, nil
}
