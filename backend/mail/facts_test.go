package mail

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"aikagi/backend/recovery"
)

func TestTheTemporaryPasswordAndItsExpiryStandAlone(t *testing.T) {
	for language, spelled := range map[recovery.Language]string{
		recovery.Japanese: "2026年11月22日（日）16:30（日本時間）まで",
		recovery.English:  "Valid until Sunday, 22 November 2026, 16:30 Japan time",
	} {
		t.Run(string(language), func(t *testing.T) {
			lines := strings.Split(write(t, exampleBrand, example(recovery.TemporaryPasswordLetter, language)).Text, "\n")
			label := slices.Index(lines, "【仮パスワード】")
			if label < 0 || lines[label+1] != "Kd7mPw3xR" {
				t.Errorf("got %q, want the temporary password alone after its label", lines)
			}
			label = slices.Index(lines, "【有効期限】")
			if label < 0 || lines[label+1] != "20261122 16:30" || lines[label+2] != spelled {
				t.Errorf("got %q, want the expiry alone after its label, then spelled", lines)
			}
		})
	}
}

func TestTheFactsComeInOrder(t *testing.T) {
	for language, facts := range map[recovery.Language][]string{
		recovery.Japanese: {
			"お客様", "いつもIMSをご利用いただき、ありがとうございます。", "11月22日15:29に会員サポートパスワードのリカバリーを受け付けました", "受付番号：12345678", "仮パスワードをお知らせします",
			"画面がまだ開いているときは、その画面に入力してください", "【仮パスワード】", "Kd7mPw3xR", "【有効期限】", "20261122 16:30", "2026年11月22日（日）16:30（日本時間）まで",
			"＜ご利用上のご注意＞", "もう一度", "1回だけ", "https://support.example.jp/recover/EXAMPLEEXAMPLEEXAMPLEEXAMP?lang=ja", "受付番号：12345678",
			"当社から", "おたずねすることは一切ありません", "お心当たりがない", "お手続きは不要です", "ヘルプデスクへご連絡ください",
			"株式会社アイエムエス", "IMSヘルプデスク", "help@example.jp", "https://www.example.jp/help",
		},
		recovery.English: {
			"Dear customer", "Thank you for using IMS", "22 November, 15:29 Japan time", "receipt number: 12345678", "Here is your temporary password",
			"If the recovery page is still open, enter it there", "【仮パスワード】", "Kd7mPw3xR", "【有効期限】", "20261122 16:30", "Valid until Sunday, 22 November 2026, 16:30 Japan time",
			"Please note", "again", "only once", "https://support.example.jp/recover/EXAMPLEEXAMPLEEXAMPLEEXAMP?lang=en", "Receipt number: 12345678",
			"We will never ask you", "If you didn’t ask for this", "you don’t need to do anything", "tell the help desk",
			"IMS Co., Ltd.", "IMS Help Desk", "help@example.jp", "https://www.example.jp/help",
		},
	} {
		message := write(t, exampleBrand, example(recovery.TemporaryPasswordLetter, language))
		for part, text := range map[string]string{"text": message.Text, "HTML": strings.Join(visibleLines(t, message.HTML), "\n")} {
			for _, fact := range facts {
				_, after, found := strings.Cut(text, fact)
				if !found {
					t.Errorf("%s, %s: got no %q after the fact before it", language, part, fact)
				}
				text = after
			}
		}
	}
}

func TestTheCompanyTheHelpDeskItsAddressAndItsPageHaveALineEach(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		lines, words := strings.Split(write(t, exampleBrand, c).Text, "\n"), exampleBrand.In(c.Language)
		for _, want := range []string{words.Company, words.HelpDesk, exampleBrand.Mail, exampleBrand.URL} {
			if !slices.Contains(lines, want) {
				t.Errorf("got no line %q in %q", want, lines)
			}
		}
	})
}

// Worried people read letters on a phone: a letter must fit on little more than one screen.
func TestJapaneseLettersAreShort(t *testing.T) {
	const most = 520 // characters of the text part that are no white space
	demo := exampleBrand
	demo.PublicURL, demo.Mail = "http://127.0.0.1:8080", "help-desk@example.jp"
	demo.Japanese.Company, demo.Japanese.HelpDesk = "IMS 会員サポート", "ヘルプデスク"
	for _, brand := range []Brand{exampleBrand, demo} {
		for _, kind := range recovery.LetterKinds() {
			letter := write(t, brand, example(kind, recovery.Japanese))
			if got := utf8.RuneCountInString(strings.Join(strings.Fields(letter.Text), "")); got > most {
				t.Errorf("%s: got %d characters, want %d at most:\n%s", kind, got, most, letter.Text)
			}
		}
	}
}
