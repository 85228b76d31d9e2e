package mail

import (
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// wantAsRendered checks that a letter is byte for byte what Hermes renders. It returns whether a stencil wrote it.
func wantAsRendered(t *testing.T, w *Writer, c Content) (quick bool) {
	t.Helper()
	f := form{c.Kind, c.Language}
	want, err := w.render(f, valuesOf(c))
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Write(c)
	if err != nil || got.Subject != want.subject || got.Text != want.plain || got.HTML != want.html {
		t.Errorf("%+v: got %v and\n%s\n%s\nwant\n%s\n%s", c, err, got.Text, got.HTML, want.plain, want.html)
	}
	_, err = w.fill(f, valuesOf(c))
	return err == nil
}

func TestEveryLetterIsWrittenByAStencilByteForByte(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		w := NewWriter(exampleBrand)
		for range 2 {
			if !wantAsRendered(t, w, c) {
				t.Error("no stencil wrote it")
			}
			c.To, c.ExpiresAt, c.ChangedAt, c.Receipt = "z@ne.jp", c.At.Add(99*time.Hour), c.At.Add(-time.Hour), "00000000"
			c.TemporaryPassword, c.RecoveryID = recovery.NewTemporaryPassword("aaaaaaaaa"), "ANOTHER"
			c.Disavowal = recovery.NewDisavowalToken("x_-9")
		}
	})
}

// An unusual value that a form does not show does not keep the form's letters from the stencil.
func TestALetterNeedsOnlyTheValuesThatItHolds(t *testing.T) {
	w := NewWriter(exampleBrand)
	for _, c := range []Content{
		{LetterID: "L", Kind: recovery.PasswordVoidedNotice, Language: recovery.Japanese, At: exampleNow, To: "abc@xxx.mm-m.ne.jp"},
		{
			LetterID: "L", Kind: recovery.PasswordChangedNotice, Language: recovery.English, At: exampleNow, ChangedAt: exampleNow,
			To: "a+b'c@xxx.mm-m.ne.jp", Disavowal: recovery.NewDisavowalToken("x_-9"),
		},
	} {
		if !wantAsRendered(t, w, c) {
			t.Errorf("no stencil wrote the letter of the kind %s", c.Kind)
		}
	}
}

// oddValues could end an element, an attribute or a line, need escaping in one part only, or move in the text part.
var oddValues = []string{
	"", " ", "a b", "a  b", " a", "a ", ".a", "a.", "<b>", "</td>", "&amp;", `"`, "'", "+", "%41", "a\r\nBcc: b@example.jp", "\n", "\x00",
	"\xff", "{{.}}", "$1", "%s", "\u200b", "\u3000", "e\u0301", "•", "漢字", strings.Repeat("x", 300), "javascript:alert(1)", "../..", "#", "?a=b", "\u2028", "<!--",
}

func TestOddValuesAreWrittenAsHermesWritesThem(t *testing.T) {
	w := NewWriter(exampleBrand)
	for _, odd := range oddValues {
		for _, c := range examples(time.Hour, exampleNow) {
			for _, put := range []func(c *Content){
				func(c *Content) { c.Receipt = odd },
				func(c *Content) { c.TemporaryPassword = recovery.NewTemporaryPassword(odd) },
				func(c *Content) { c.RecoveryID = recovery.ID(odd) },
				func(c *Content) { c.Disavowal = recovery.NewDisavowalToken(odd) },
				func(c *Content) { c.To = member.MailAddress(odd + "@" + odd) },
			} {
				other := c
				put(&other)
				wantAsRendered(t, w, other)
			}
		}
	}
}

// A value may contain the text of a mark, and so may the brand. Neither fills a gap.
func TestAValueFillsNoOtherValuesPlace(t *testing.T) {
	brand := exampleBrand
	brand.Japanese.Company, brand.Japanese.Hours = "Kd7mPw3xR", "12345678"
	w, c := NewWriter(brand), example(recovery.TemporaryPasswordLetter, recovery.Japanese)
	c.Receipt, c.TemporaryPassword = "Kd7mPw3xR", recovery.NewTemporaryPassword("EXAMPLE")
	if !wantAsRendered(t, w, c) {
		t.Error("no stencil wrote it")
	}
}

func FuzzQuickLetter(f *testing.F) {
	for i, odd := range oddValues {
		f.Add(i%8, odd, "12345678", "EXAMPLE", odd, exampleNow.Unix())
	}
	w, letters := NewWriter(exampleBrand), examples(time.Hour, exampleNow)
	f.Fuzz(func(t *testing.T, which int, password, receipt, link, address string, at int64) {
		c := letters[uint(which)%uint(len(letters))]
		c.TemporaryPassword, c.Receipt, c.RecoveryID = recovery.NewTemporaryPassword(password), receipt, recovery.ID(link)
		c.Disavowal, c.To = recovery.NewDisavowalToken(link), member.MailAddress(address)
		c.AskedAt, c.ExpiresAt, c.ChangedAt = time.Unix(at, 0), time.Unix(at, 0).Add(time.Hour), time.Unix(at, 0)
		wantAsRendered(t, w, c)
	})
}
