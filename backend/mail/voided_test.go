package mail

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"aikagi/backend/recovery"
)

func TestANoticeOfAVoidedPasswordHasNoSecretAndLinksToThePublicAddressOnly(t *testing.T) {
	brand := exampleBrand
	brand.URL = "" // the help desk's page is in the signature of every letter
	for _, language := range []recovery.Language{recovery.Japanese, recovery.English} {
		c := example(recovery.PasswordVoidedNotice, language)
		message := write(t, brand, c)
		for part, text := range map[string]string{"text": message.Text, "HTML": message.HTML, "subject": message.Subject} {
			for _, secret := range []string{c.TemporaryPassword.Reveal(), c.Disavowal.Reveal(), string(c.RecoveryID), c.Receipt, string(c.To)} {
				if strings.Contains(text, secret) {
					t.Errorf("%s, %s: got %q", language, part, secret)
				}
			}
			for _, link := range regexp.MustCompile(`https?://[^\s"<]+`).FindAllString(text, -1) {
				if link != "https://support.example.jp/" {
					t.Errorf("%s, %s: got the link %s", language, part, link)
				}
			}
		}
		links := 0
		eachElement(t, message.HTML, func(node *html.Node) {
			if attribute(node, "href") == "https://support.example.jp/" {
				links++
			}
		})
		if links != 2 || strings.Count(message.Text, "https://support.example.jp/\n") != 1 {
			t.Errorf("%s: got %d links in the HTML part, want the button and its address; text:\n%s", language, links, message.Text)
		}
	}
}

func TestANoticeOfAVoidedPasswordSaysWhatHappenedAndWhatToDo(t *testing.T) {
	for language, facts := range map[recovery.Language][]string{
		recovery.Japanese: {"使えなくしました", "「会員サポートパスワード」をお忘れのお客様", "ログインID", "基本メールアドレス", "仮パスワード", "ほかのサービス", "おたずねすることは一切ありません", "ヘルプデスク", "0120-000-000"},
		recovery.English:  {"blocked", "“Forgot your member support password?”", "login ID", "basic mail address", "temporary password", "other services", "never ask", "help desk", "0120-000-000"},
	} {
		text := write(t, exampleBrand, example(recovery.PasswordVoidedNotice, language)).Text
		for _, fact := range facts {
			_, after, found := strings.Cut(text, fact)
			if !found {
				t.Errorf("%s: got no %q after the fact before it", language, fact)
			}
			text = after
		}
	}
}
