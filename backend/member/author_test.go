package member_test

import (
	"strings"
	"testing"

	"aikagi/backend/member"
)

func TestAnAuthorIsOneLineOfPrintableText(t *testing.T) {
	tests := []struct{ name, reason, wrong string }{
		{"hanako", "why", ""},
		{"山田　花子 (窓口)", "電話で本人確認 🔑", ""},
		{strings.Repeat("名", 64), strings.Repeat("訳", 500), ""},
		{"", "why", "the name is empty; right would be 1 to 64 characters"},
		{" \t ", "why", "the name is empty; right would be 1 to 64 characters"},
		{strings.Repeat("名", 65), "why", "the name is 65 characters long; right would be at most 64"},
		{"hanako", "", "the reason is empty; right would be 1 to 500 characters"},
		{"hanako", "\u3000 ", "the reason is empty; right would be 1 to 500 characters"},
		{"hanako", strings.Repeat("訳", 501), "the reason is 501 characters long; right would be at most 500"},
		{"hana\nko", "why", "the name has characters that cannot be printed; right would be one line of UTF-8"},
		{"hanako", "a\x1b[2Jb", "the reason has characters that cannot be printed; right would be one line of UTF-8"},
		{"hanako", "a\u202eb", "the reason has characters that cannot be printed; right would be one line of UTF-8"},
		{"hana\xffko", "why", "the name has characters that cannot be printed; right would be one line of UTF-8"},
	}
	for _, test := range tests {
		author, err := member.NewAuthor(test.name)
		if err == nil {
			author, err = author.WithReason(test.reason)
		}
		if (err == nil) != (test.wrong == "") || err != nil && err.Error() != test.wrong {
			t.Errorf("%q, %q: got the error %v, want %q", test.name, test.reason, err, test.wrong)
		}
		if err == nil && (author.Name != test.name || author.Reason != test.reason) {
			t.Errorf("%q, %q: got %+v", test.name, test.reason, author)
		}
	}
	author, err := member.NewAuthor(" hanako\n")
	if err != nil || author != (member.Author{Name: "hanako"}) {
		t.Errorf("got %+v, %v; want the name trimmed, and no reason", author, err)
	}
	if author, err = author.WithReason("\u3000lost phone "); err != nil || author != (member.Author{Name: "hanako", Reason: "lost phone"}) {
		t.Errorf("got %+v, %v; want both trimmed", author, err)
	}
}
