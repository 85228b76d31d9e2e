package store

import (
	"context"

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

// HasWork reports whether an ask waits to be resolved or a letter to be sent.
func (s *Members) HasWork(ctx context.Context) (bool, error) {
	var ids []string
	err := s.read.WithContext(ctx).Table("recoveries").Where("unresolved_since > ?", longAgo).Limit(1).Pluck("id", &ids).Error
	if err == nil && len(ids) == 0 {
		err = s.read.WithContext(ctx).Table("letters").Where("state = ?", string(mail.Waiting)).Limit(1).Pluck("id", &ids).Error
	}
	return len(ids) > 0, err
}
