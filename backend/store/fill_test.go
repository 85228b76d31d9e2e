package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Fill adds so many members with their history and a few waiting rows that the optimiser plans as for large tables. The
// first member has a history of a hundred.
func (s *Store) Fill(ctx context.Context, size int, now time.Time) error {
	members, recoveries := make([]memberRow, size), make([]recoveryRow, size)
	issuances, letters, activities := make([]issuanceRow, size), make([]letterRow, size), make([]activityRow, size)
	for i := range size {
		at := now.Add(-time.Duration(i) * time.Minute)
		of := member.ID(max(1, i-100))
		members[i] = rowOfMember(member.Member{
			LoginID: member.LoginID(fmt.Sprintf("m%06d", i)), MailAddress: "m@xxx.mm-m.ne.jp", Status: member.Active, PasswordVersion: 1, CreatedAt: at,
		})
		recoveries[i] = rowOfRecovery(recovery.Recovery{
			ID: recovery.ID(rand.Text()), Receipt: fmt.Sprintf("%08d", i), LoginID: member.LoginID(members[i].LoginID), Language: recovery.Japanese,
			Origin: recovery.FromAsk, AskedAt: at, GoneAt: at.Add(recovery.Lifetime), MemberID: of, IssuanceID: rand.Text(), KeyName: "test",
		})
		issuances[i] = issuanceRow{
			ID: recoveries[i].IssuanceID, MemberID: int64(of), KeyName: "test", PasswordVersion: 1, CreatedAt: at, FirstMailedAt: &at, UsedAt: &at,
		}
		letters[i] = rowOfLetter(recovery.DueLetter{
			ID: rand.Text(), Kind: recovery.TemporaryPasswordLetter, MemberID: of, Language: recovery.Japanese, DueAt: at, CreatedAt: at,
			IssuanceID: recoveries[i].IssuanceID, RecoveryID: recovery.ID(recoveries[i].ID),
		})
		activities[i] = activityRow{ID: rand.Text(), MemberID: int64(of), At: at, Kind: string(member.Redeemed), DoneBy: string(member.ByMember)}
		if i%100 != 7 { // the others wait
			recoveries[i].UnresolvedSince, recoveries[i].Outcome = nil, string(recovery.LetterSent)
			letters[i].State, letters[i].DueMemberID = string(mail.Accepted), nil
		}
	}
	for _, rows := range []any{&members, &recoveries, &issuances, &letters, &activities} {
		if err := s.q.write.WithContext(ctx).CreateInBatches(rows, rowsAtOnce).Error; err != nil {
			return err
		}
	}
	return nil
}

// FillBreach begins a breach that has voided all members and makes notices, after many breaches that were ended.
func (s *Store) FillBreach(ctx context.Context, members int, now time.Time) error {
	rows, told := make([]breachRow, 200), make([]breachMemberRow, members)
	for i := range rows {
		rows[i] = breachRow{Selection: "all", ChangedBefore: now, PerHour: 3600, BegunAt: now, ListedAt: &now, VoidedAt: &now, EndedAt: &now}
	}
	one, last := int64(1), &rows[len(rows)-1]
	last.Running, last.EndedAt, last.Notices = &one, nil, int64(members)
	if err := s.q.write.WithContext(ctx).Create(&rows).Error; err != nil {
		return err
	}
	for i := range told {
		told[i] = breachMemberRow{last.ID, int64(i + 1)}
	}
	return s.q.write.WithContext(ctx).CreateInBatches(told, rowsAtOnce).Error
}

// FillFailed adds failed letters with temporary passwords, each of them to each member.
func (s *Store) FillFailed(ctx context.Context, members, each int, now time.Time) error {
	var letters []letterRow
	for n := range members * each {
		row := rowOfLetter(recovery.DueLetter{
			ID: rand.Text(), Kind: recovery.TemporaryPasswordLetter, MemberID: member.ID(1 + n%members), Language: recovery.Japanese,
			DueAt: now.Add(time.Duration(n/7) * time.Minute), CreatedAt: now, // some have the same due time
		})
		row.State, row.DueMemberID, row.EndedAt = string(mail.Failed), nil, &row.DueAt
		letters = append(letters, row)
	}
	return s.q.write.WithContext(ctx).CreateInBatches(letters, rowsAtOnce).Error
}

// FillNotices makes notices due.
func (s *Store) FillNotices(ctx context.Context, notices int, now time.Time) error {
	letters := make([]letterRow, notices)
	for n := range letters {
		letters[n] = rowOfLetter(recovery.DueLetter{
			ID: rand.Text(), Kind: recovery.PasswordChangedNotice, MemberID: 1, Language: recovery.Japanese, DueAt: now, CreatedAt: now,
		})
	}
	return s.q.write.WithContext(ctx).CreateInBatches(letters, rowsAtOnce).Error
}
