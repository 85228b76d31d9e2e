package member_test

import (
	"strings"
	"testing"

	"aikagi/backend/member"
)

func TestAnAuthorIsOneLineOfPrintableText(t *testing.T) {
	tests := []struct{ name, reason, wrong string }{
		{"hanako", "", ""},
		{"山田　花子 (窓口)", "電話で本人確認 🔑", ""},
		{strings.Repeat("名", 64), strings.Repeat("訳", 500), ""},
		{"", "why", "the name is empty; right would be 1 to 64 characters"},
		{" \t ", "", "the name is empty; right would be 1 to 64 characters"},
		{strings.Repeat("名", 65), "", "the name is 65 characters long; right would be at most 64"},
		{"hanako", strings.Repeat("訳", 501), "the reason is 501 characters long; right would be at most 500"},
		{"hana\nko", "", "the name has characters that cannot be printed; right would be one line of UTF-8"},
		{"hanako", "a\x1b[2Jb", "the reason has characters that cannot be printed; right would be one line of UTF-8"},
		{"hanako", "a\u202eb", "the reason has characters that cannot be printed; right would be one line of UTF-8"},
		{"hana\xffko", "", "the name has characters that cannot be printed; right would be one line of UTF-8"},
	}
	for _, test := range tests {
		author, err := member.NewAuthor(test.name, test.reason)
		if (err == nil) != (test.wrong == "") || err != nil && err.Error() != test.wrong {
			t.Errorf("%q, %q: got the error %v, want %q", test.name, test.reason, err, test.wrong)
		}
		if err == nil && (author.Name != test.name || author.Reason != test.reason) {
			t.Errorf("%q, %q: got %+v", test.name, test.reason, author)
		}
	}
	if author, err := member.NewAuthor(" hanako\n", "\u3000lost phone "); err != nil || author != (member.Author{Name: "hanako", Reason: "lost phone"}) {
		t.Errorf("got %+v, %v; want both trimmed", author, err)
	}
}
