package mail

import (
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"aikagi/backend/member"
)

var encodedWordForm = regexp.MustCompile(`^=\?UTF-8\?B\?[A-Za-z0-9+/]+=*\?=$`)

// checkField checks that old software can read a folded field, and returns the unfolded value.
func checkField(t rapid.TB, field, name string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(field, "\r\n"), "\r\n")
	if !strings.HasSuffix(field, "\r\n") || len(lines[0]) <= len(name+": ") || !strings.HasPrefix(lines[0], name+": ") {
		t.Errorf("got %q, want the value to begin on the line of %s", field, name)
	}
	for i, line := range lines {
		if len(line) > maxHeaderLine || strings.TrimSpace(line) == "" || i > 0 && line[0] != ' ' {
			t.Errorf("got the line %q of %q", line, field)
		}
	}
	return strings.TrimPrefix(strings.Join(lines, ""), name+": ")
}

// field returns one field of a composed letter, still folded.
func field(t rapid.TB, from netmail.Address, subject, name string) string {
	t.Helper()
	message := exampleMessage
	message.Subject = subject
	raw, err := compose(from, message)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut("\r\n"+string(raw), "\r\n"+name+": ")
	if !found {
		t.Fatalf("got %q, want a field %s", raw, name)
	}
	return name + ": " + after[:endOfField.FindStringIndex(after)[0]+len("\r\n")]
}

var endOfField = regexp.MustCompile("\r\n[^ ]")

func TestASubjectBeginsOnItsOwnLine(t *testing.T) {
	for _, subject := range []string{
		"【IMS】仮パスワードのお知らせ", "【IMS】", "Your temporary password", strings.Repeat("会員サポートパスワード", 20), strings.Repeat("long words ", 20) + "end",
		strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x", 200), "ｶﾞｷﾞｸﾞ ①㈱髙﨑 𠮷野家 👪", "=?utf-8?q?fake?=", "a\r\nBcc: b@example.jp", "é",
	} {
		got := decoded(t, checkField(t, field(t, sender, subject, "Subject"), "Subject"))
		if got != subject {
			t.Errorf("got %q, want %q", got, subject)
		}
	}
	got := field(t, sender, "【IMS】仮パスワードのお知らせ", "Subject")
	if want := "Subject: =?UTF-8?B?44CQSU1T44CR5Luu44OR44K544Ov44O844OJ44Gu44GK55+l44KJ?=\r\n =?UTF-8?B?44Gb?=\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryTextComesBackFromItsHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.TrimSpace(rapid.StringN(1, 200, -1).Draw(t, "text"))
		if text == "" {
			return
		}
		value := checkField(t, field(t, sender, text, "Subject"), "Subject")
		got, err := new(mime.WordDecoder).DecodeHeader(value)
		if err != nil || got != text {
			t.Errorf("got %q (%v), want %q", got, err, text)
		}
		if !strings.Contains(value, "=?") {
			return
		}
		for word := range strings.FieldsSeq(value) {
			if len(word) > maxWord || !encodedWordForm.MatchString(word) {
				t.Errorf("got the word %q", word)
			}
		}
	})
}

func TestALongAddressAndALongIDBeginOnTheirLine(t *testing.T) {
	message := exampleMessage
	long := strings.Repeat("a", 60) + "." + strings.Repeat("b", 60) + ".jp"
	message.ID, message.To = "id@"+long, member.MailAddress("abcd@"+long)
	raw := mustCompose(t, message)
	for _, want := range []string{"\r\nMessage-ID: <id@" + long + ">\r\n", "\r\nTo: <abcd@" + long + ">\r\n"} {
		if !strings.Contains(raw, want) {
			t.Errorf("got %q, want %q", raw, want)
		}
	}
}

func TestASenderBeginsOnItsOwnLine(t *testing.T) {
	for _, name := range []string{"", "IMS", "IMS サポート", "IMS, Inc. (Help \"Desk\")", strings.Repeat("会員サポートパスワード", 6), strings.Repeat("Member support ", 6) + "desk", "a\r\nBcc: b@example.jp"} {
		for _, address := range []string{"support@example.jp", strings.Repeat("long", 10) + "@mail.example.jp"} {
			mailbox := netmail.Address{Name: name, Address: address}
			value := checkField(t, field(t, mailbox, "x", "From"), "From")
			got, err := netmail.ParseAddress(value)
			if err != nil || *got != mailbox {
				t.Errorf("got %v (%v) from %q, want %v", got, err, value, mailbox)
			}
		}
	}
}
