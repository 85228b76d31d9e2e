package member_test

import (
	"testing"
	"time"

	"aikagi/backend/member"
)

func TestOnlyAnActiveMemberWithAUsablePasswordCanSignIn(t *testing.T) {
	voided := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	for name, each := range map[string]struct {
		member member.Member
		want   bool
	}{
		"active":              {member.Member{Status: member.Active, PasswordHash: "$1$$hash"}, true},
		"suspended":           {member.Member{Status: member.Suspended, PasswordHash: "$1$$hash"}, false},
		"cancelled":           {member.Member{Status: member.Cancelled, PasswordHash: "$1$$hash"}, false},
		"voided":              {member.Member{Status: member.Active, PasswordHash: "$1$$hash", VoidedAt: &voided}, false},
		"without a password":  {member.Member{Status: member.Active}, false},
		"voided without hash": {member.Member{Status: member.Active, VoidedAt: &voided}, false},
	} {
		if got := each.member.CanSignIn(); got != each.want {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}
