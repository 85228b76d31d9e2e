package mail_test

import (
	"strings"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

const newAddress = member.MailAddress("hanako@xxx.mm-m.ne.jp")

func changeAddress(t *testing.T, w *testkit.World, address member.MailAddress) {
	t.Helper()
	change := store.MemberChange{Kind: member.AddressChanged, Address: address}
	if changed, err := w.Store.Members().Do(t.Context(), w.Member(t, taro).ID, change, w.Clock.Now()); err != nil || !changed {
		t.Fatalf("set mail: %v, %v", changed, err)
	}
}

func TestAChangeOfAddressIsMailedToTheFormerAndTheNewAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		changed := w.Clock.Now()
		changeAddress(t, w, newAddress)
		w.Clock.Move(3 * time.Hour)
		w.Postman.Drain(t.Context())
		sent := w.Out.Messages()
		if len(sent) != 2 || sent[0].To == sent[1].To || sent[0].ID == sent[1].ID {
			t.Fatalf("got %+v, want two letters to two addresses", sent)
		}
		m := w.Member(t, taro)
		inJapan := changed.In(time.FixedZone("JST", 9*60*60))
		day, minute := inJapan.Format("2006年1月2日（"), inJapan.Format("）15:04（日本時間）")
		link := "/disavow?lang=ja#" + w.Keys.DisavowalToken(m.ID, m.PasswordVersion, changed).Reveal() + "\n"
		for _, notice := range sent {
			label, masked := "【これまでのアドレス】", "t•••••@xxx.mm-m.ne.jp"
			if notice.To == newAddress {
				label, masked = "【新しいアドレス】", "h•••••@xxx.mm-m.ne.jp"
			} else if notice.To != taroAddress {
				t.Errorf("got a letter to %s", string(notice.To))
			}
			if got := testkit.LineAfter(t, notice, label); got != masked {
				t.Errorf("got %s %s, want %s", label, got, masked)
			}
			if got := testkit.LineAfter(t, notice, "【変更日時】"); !strings.HasPrefix(got, day) || !strings.HasSuffix(got, minute) {
				t.Errorf("got %s, want %s…%s: when it was changed", got, day, minute)
			}
			if !strings.Contains(notice.Text, link) {
				t.Errorf("got %s, want the link %s", notice.Text, link)
			}
			for _, address := range []member.MailAddress{taroAddress, newAddress} {
				if strings.Contains(notice.Text+notice.HTML, string(address)) {
					t.Errorf("got the whole address %s in a letter", string(address))
				}
			}
		}
		for _, kept := range lettersIn(t, w, mail.Accepted) {
			if kept.FormerAddress != "" {
				t.Errorf("got %s kept, want no address", string(kept.FormerAddress))
			}
		}
	})
}

func TestTheDisavowalOfTheTwoNoticesWorksOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		changeAddress(t, w, newAddress)
		w.Postman.Drain(t.Context())
		tokens := make(map[string]bool)
		for _, notice := range w.Out.Messages() {
			_, after, _ := strings.Cut(notice.Text, "/disavow?lang=ja#")
			token, _, _ := strings.Cut(after, "\n")
			tokens[token] = true
		}
		if len(tokens) != 1 {
			t.Fatalf("got %d tokens, want one and the same", len(tokens))
		}
		for token := range tokens {
			if err := w.Service.Disavow(t.Context(), recovery.NewDisavowalToken(token), member.UnknownDevice); err != nil {
				t.Fatal(err)
			}
			if w.Member(t, taro).VoidedAt == nil {
				t.Error("got a password that can still be used")
			}
			if err := w.Service.Disavow(t.Context(), recovery.NewDisavowalToken(token), member.UnknownDevice); err == nil {
				t.Error("got a disavowal that is good twice")
			}
		}
	})
}

// A former mailbox often does not exist any more. Its address is kept only while the notice is tried.
func TestAFormerAddressThatRefusesForADayIsForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		w.Out.Answer = func(m mail.Message) error {
			if m.To == taroAddress {
				return &mail.RefusedError{Code: 550, Enhanced: "5.1.1"}
			}
			return nil
		}
		changeAddress(t, w, newAddress)
		w.Postman.Drain(t.Context())
		if waiting := lettersIn(t, w, mail.Waiting); len(waiting) != 1 || waiting[0].FormerAddress != taroAddress {
			t.Fatalf("got %+v, want the refused notice waiting with its address", waiting)
		}
		w.Clock.Move(25 * time.Hour)
		w.Postman.Drain(t.Context())
		failed := lettersIn(t, w, mail.Failed)
		if len(failed) != 1 || failed[0].Kind != recovery.FormerAddressNotice || failed[0].Answer != "550 5.1.1" || failed[0].FormerAddress != "" {
			t.Errorf("got %+v, want the notice failed, with the mail server's codes and no address", failed)
		}
	})
}
