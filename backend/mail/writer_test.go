package mail

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aikagi/backend/recovery"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var exampleBrand = Brand{
	PublicURL: "https://support.example.jp/",
	Sender:    "support@example.jp",
	Japanese:  BrandWords{Name: "IMS", Company: "株式会社アイエムエス", HelpDesk: "IMSヘルプデスク", Hours: "10:00～18:00（年中無休）"},
	English:   BrandWords{Name: "IMS", Company: "IMS Co., Ltd.", HelpDesk: "IMS Help Desk", Hours: "10:00-18:00, every day"},
	Phone:     "0120-000-000",
	Mail:      "help@example.jp",
	URL:       "https://www.example.jp/help",
}

// exampleNow is half past three on a Sunday afternoon in Japan.
var exampleNow = time.Date(2026, 11, 22, 6, 30, 59, 0, time.UTC)

func write(t *testing.T, brand Brand, c Content) Message {
	t.Helper()
	message, err := NewWriter(brand).Write(c)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// eachLetter runs a test for every kind of letter in every language.
func eachLetter(t *testing.T, test func(t *testing.T, c Content)) {
	t.Helper()
	for _, c := range examples(time.Hour, exampleNow) {
		t.Run(string(c.Kind)+"."+string(c.Language), func(t *testing.T) { test(t, c) })
	}
}

func example(kind recovery.LetterKind, language recovery.Language) Content {
	all := examples(time.Hour, exampleNow)
	return all[slices.IndexFunc(all, func(c Content) bool { return c.Kind == kind && c.Language == language })]
}

func TestLettersAreWordForWordTheGoldenOnes(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		message := write(t, exampleBrand, c)
		for extension, got := range map[string]string{".html": message.HTML, ".txt": message.Subject + "\n\n" + message.Text} {
			path := filepath.Join("testdata", "letters", string(c.Kind)+"."+string(c.Language)+extension)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; look at it with -update and git diff. got:\n%s", path, got)
			}
		}
	})
}

func TestSubjectsHoldTheBrandAndNoSecret(t *testing.T) {
	for _, test := range []struct {
		kind     recovery.LetterKind
		language recovery.Language
		want     string
	}{
		{recovery.TemporaryPasswordLetter, recovery.Japanese, "【IMS】仮パスワードのお知らせ"},
		{recovery.TemporaryPasswordLetter, recovery.English, "[IMS] Your temporary password"},
		{recovery.PasswordChangedNotice, recovery.Japanese, "【IMS】会員サポートパスワード変更のお知らせ"},
		{recovery.PasswordChangedNotice, recovery.English, "[IMS] Your member support password was changed"},
		{recovery.NewAddressNotice, recovery.Japanese, "【IMS】基本メールアドレス変更のお知らせ"},
		{recovery.NewAddressNotice, recovery.English, "[IMS] Your basic mail address was changed"},
		{recovery.FormerAddressNotice, recovery.Japanese, "【IMS】基本メールアドレス変更のお知らせ"},
		{recovery.FormerAddressNotice, recovery.English, "[IMS] Your basic mail address was changed"},
	} {
		if got := write(t, exampleBrand, example(test.kind, test.language)).Subject; got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestALetterHoldsNoAddressOfTheMember(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		message := write(t, exampleBrand, c)
		if strings.Contains(message.Text+message.HTML+message.Subject, c.To.Local()+"@") {
			t.Error("got the member's mail address in the letter")
		}
	})
}

func TestANoticeHoldsNoTemporaryPassword(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		message := write(t, exampleBrand, c)
		if c.Kind != recovery.TemporaryPasswordLetter && strings.Contains(message.Text+message.HTML, "Kd7mPw3xR") {
			t.Error("got a temporary password in a notice")
		}
	})
}

func TestAMessageIDIsTheSameAtEveryTry(t *testing.T) {
	c := example(recovery.TemporaryPasswordLetter, recovery.Japanese)
	c.LetterID = "ABC234"
	first := write(t, exampleBrand, c)
	c.At, c.ExpiresAt = c.At.Add(time.Hour), c.ExpiresAt.Add(time.Hour)
	second := write(t, exampleBrand, c)
	if first.ID != "abc234@example.jp" || second.ID != first.ID {
		t.Errorf("got %q and %q, want abc234@example.jp twice", first.ID, second.ID)
	}
	if first.Text == second.Text || !second.Date.Equal(c.At) {
		t.Error("got the old expiry or date at the second try")
	}
}

func TestWithoutASenderTheMessageIDHoldsThePublicHost(t *testing.T) {
	for public, want := range map[string]string{
		"https://support.example.jp:8443": "example@support.example.jp",
		"http://127.0.0.1:8080":           "example@127.0.0.1",
		"http://[::1]:8080":               "example@[::1]",
	} {
		if got := write(t, Brand{PublicURL: public}, examples(time.Hour, exampleNow)[0]).ID; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEmptyFieldsOfTheBrandAreNotShown(t *testing.T) {
	brand := Brand{PublicURL: "https://support.example.jp", Japanese: BrandWords{Name: "IMS", HelpDesk: "ヘルプデスク"}}
	message := write(t, brand, examples(time.Hour, exampleNow)[0])
	for _, label := range []string{"電話", "受付時間", "mailto:"} {
		if strings.Contains(message.Text+message.HTML, label) {
			t.Errorf("got %q shown, want nothing", label)
		}
	}
	if !strings.HasSuffix(message.Text, "\nヘルプデスク\n") {
		t.Errorf("got %q, want the help desk last", message.Text)
	}
}

func TestAnUnknownKindOrLanguageIsRefused(t *testing.T) {
	c := examples(time.Hour, exampleNow)[0]
	c.Kind = "greeting"
	if _, err := NewWriter(exampleBrand).Write(c); !errors.Is(err, ErrUnknownKind) {
		t.Errorf("got %v, want ErrUnknownKind", err)
	}
	c = examples(time.Hour, exampleNow)[0]
	c.Language = "fr"
	if _, err := NewWriter(exampleBrand).Write(c); !errors.Is(err, ErrUnknownLanguage) {
		t.Errorf("got %v, want ErrUnknownLanguage", err)
	}
}

func TestOneWriterWritesManyLettersAtOnce(t *testing.T) {
	writer := NewWriter(exampleBrand)
	var writers sync.WaitGroup
	for _, c := range slices.Repeat(examples(time.Hour, exampleNow), 5) {
		writers.Go(func() {
			message, err := writer.Write(c)
			if err != nil || !strings.Contains(message.HTML, `<html lang="`+string(c.Language)+`">`) {
				t.Errorf("got %v, %q; want a letter in %s", err, message.HTML[:60], c.Language)
			}
		})
	}
	writers.Wait()
}
