package recovery

import (
	"crypto/rand"
	"time"

	"aikagi/backend/member"
)

// NoticeOfChange returns the notice that tells the member of a new password. Add it in the transaction that sets the password
// and raises the version to newVersion.
func NoticeOfChange(m member.Member, newVersion int64, language Language, now time.Time) DueLetter {
	return DueLetter{
		ID: rand.Text(), Kind: PasswordChangedNotice, MemberID: m.ID, Language: language,
		DueAt: now, CreatedAt: now, PasswordVersion: newVersion,
	}
}

// NoticesOfNewAddress returns the two notices of a new basic mail address: the first goes to the former address, the second to
// the new one. Both announce the password version to which the change raises. before is the member before the change. The
// caller chooses the letters' ids before the first try of the transaction.
func NoticesOfNewAddress(ids [2]string, before member.Member, language Language, now time.Time) [2]DueLetter {
	notice := DueLetter{
		MemberID: before.ID, Language: language, DueAt: now, CreatedAt: now, PasswordVersion: before.PasswordVersion + 1,
	}
	former, present := notice, notice
	former.ID, former.Kind, former.FormerAddress = ids[0], FormerAddressNotice, before.MailAddress
	present.ID, present.Kind = ids[1], NewAddressNotice
	return [2]DueLetter{former, present}
}
