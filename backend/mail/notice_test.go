package mail

import (
	"strings"
	"testing"

	"aikagi/backend/recovery"
)

// The letter has the first button, the page that it opens the second one (frontend/src/words/disavow.ts).
func TestANoticeHasOneButtonAndNamesItsButtons(t *testing.T) {
	buttons := map[recovery.Language][]string{
		recovery.Japanese: {"「変更に心当たりがない」", "「使えなくする」ボタンを押してください"},
		recovery.English:  {"“I didn’t make this change”", "press the button “Block this password”"},
	}
	eachLetter(t, func(t *testing.T, c Content) {
		if c.Kind == recovery.TemporaryPasswordLetter || c.Kind == recovery.PasswordVoidedNotice {
			return
		}
		message := write(t, exampleBrand, c)
		for part, text := range map[string]string{"text": message.Text, "HTML": message.HTML} {
			for _, want := range buttons[c.Language] {
				if !strings.Contains(text, want) {
					t.Errorf("%s: got no %s", part, want)
				}
			}
		}
		name := strings.Trim(buttons[c.Language][0], "「」“”")
		if link := name + "\nhttps://support.example.jp/disavow?lang=" + string(c.Language) + "#EXAMPLE"; !strings.Contains(message.Text, "\n"+link) {
			t.Errorf("got no link under the name that the letter calls it by, %q", link)
		}
		if got := strings.Count(message.Text, "https://support.example.jp/"); got != 1 {
			t.Errorf("got %d links to pages, want one", got)
		}
	})
}

func TestANoticeOfANewAddressSaysWhenAndWhereAndWhatToDo(t *testing.T) {
	for _, test := range []struct {
		kind     recovery.LetterKind
		language recovery.Language
		facts    []string
	}{
		{recovery.NewAddressNotice, recovery.Japanese, []string{
			"変更されました", "【変更日時】", "2026年11月22日（日）15:30（日本時間）", "【新しいアドレス】", "a•••••@xxx.mm-m.ne.jp",
			"ご自身で", "お心当たりがない場合", "ボタン", "ヘルプデスクへもご連絡ください", "https://support.example.jp/disavow?lang=ja#EXAMPLE", "0120-000-000",
		}},
		{recovery.NewAddressNotice, recovery.English, []string{
			"was changed", "【変更日時】", "Sunday, 22 November 2026, 15:30 Japan time", "【新しいアドレス】", "a•••••@xxx.mm-m.ne.jp",
			"If you asked", "If you didn’t ask", "button", "contact the help desk", "https://support.example.jp/disavow?lang=en#EXAMPLE", "0120-000-000",
		}},
		{recovery.FormerAddressNotice, recovery.Japanese, []string{
			"変更されました", "【変更日時】", "2026年11月22日（日）15:30（日本時間）", "【これまでのアドレス】", "a•••••@xxx.mm-m.ne.jp",
			"ご自身で", "お心当たりがない場合", "ボタン", "ヘルプデスクへもご連絡ください", "https://support.example.jp/disavow?lang=ja#EXAMPLE", "0120-000-000",
		}},
		{recovery.FormerAddressNotice, recovery.English, []string{
			"was changed", "【変更日時】", "Sunday, 22 November 2026, 15:30 Japan time", "【これまでのアドレス】", "a•••••@xxx.mm-m.ne.jp",
			"If you asked", "If you didn’t ask", "button", "contact the help desk", "https://support.example.jp/disavow?lang=en#EXAMPLE", "0120-000-000",
		}},
	} {
		message := write(t, exampleBrand, example(test.kind, test.language))
		for part, text := range map[string]string{"text": message.Text, "HTML": message.HTML} {
			for _, fact := range test.facts {
				_, after, found := strings.Cut(text, fact)
				if !found {
					t.Errorf("%s, %s, %s: got no %q after the fact before it", test.kind, test.language, part, fact)
				}
				text = after
			}
		}
	}
}
