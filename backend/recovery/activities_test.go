package recovery_test

import (
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

func TestRedeemingAndResettingLeaveOneActivityEach(t *testing.T) {
	stores := map[string]func(recovery.Store) recovery.Store{
		"each transaction once":                         func(s recovery.Store) recovery.Store { return s },
		"each twice, because its first answer was lost": func(s recovery.Store) recovery.Store { return lostAnswerStore{s} },
	}
	for name, with := range stores {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *testkit.World) {
				browser := ask(t, w, taro, taroAddress)
				mailed := temporaryPassword(t, w.Work(t))
				w.Service.Store = with(w.Service.Store)
				_, grant, err := w.Service.Redeem(t.Context(), browser.id, mailed, member.IPhone)
				if err != nil {
					t.Fatal(err)
				}
				if err := browser.reset(grant, newPassword); err != nil {
					t.Fatal(err)
				}
				m := w.Member(t, taro)
				got, err := w.Store.Members().Activities(t.Context(), m.ID, 10)
				if err != nil || len(got) != 2 {
					t.Fatalf("got %+v, %v, want 2 activities", got, err)
				}
				// Both have the same time, so their order is not fixed.
				devices := map[member.ActivityKind]member.Device{}
				for _, activity := range got {
					devices[activity.Kind] = activity.Device
					if activity.MemberID != m.ID || activity.RecoveryID != string(browser.id) || activity.By != member.ByMember || !activity.At.Equal(w.Clock.Now()) {
						t.Errorf("got %+v, want it of the member and the recovery", activity)
					}
				}
				if device, left := devices[member.Redeemed]; !left || device != member.IPhone {
					t.Errorf("got %v, want the redemption with its device", devices)
				}
				if _, left := devices[member.Recovered]; !left {
					t.Errorf("got %v, want the new password", devices)
				}
				onlyOne(t, w.Work(t)) // the notice
			})
		})
	}
}
