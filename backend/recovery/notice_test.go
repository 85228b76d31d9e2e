package recovery

import (
	"fmt"
	"testing"

	"aikagi/backend/member"
)

func TestANoticeAnnouncesTheVersionThatTheChangeMakes(t *testing.T) {
	before := member.Member{ID: 7, MailAddress: "taro@xxx.mm-m.ne.jp", PasswordVersion: 4}
	got := NoticesOfNewAddress([2]string{"A", "B"}, before, Japanese, noon)
	want := [2]DueLetter{
		{ID: "A", Kind: FormerAddressNotice, FormerAddress: before.MailAddress},
		{ID: "B", Kind: NewAddressNotice},
	}
	for i := range want {
		want[i].MemberID, want[i].Language, want[i].DueAt, want[i].CreatedAt, want[i].PasswordVersion = 7, Japanese, noon, noon, 5
	}
	if got != want {
		t.Errorf("got %s, want %s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
}
