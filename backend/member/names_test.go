package member_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"aikagi/backend/member"
)

func TestEverySpellingOfALoginIDIsTheSame(t *testing.T) {
	for _, typed := range []string{
		"abcd", "ABCD", "  abcd\t", "ａｂｃｄ", "ＡＢＣＤ", "　abcd　", "abcd@wakwak.com", "abcd＠wakwak.com", "abcd@en@wakwak.com", "abcd @wakwak.com",
	} {
		if got, err := member.ParseLoginID(typed); err != nil || got != "abcd" {
			t.Errorf("%q: got %q, %v; want abcd", typed, got, err)
		}
	}
	for _, dash := range "-‐‑‒–—―−ー－" {
		if got, err := member.ParseLoginID("a" + string(dash) + "b"); err != nil || got != "a-b" {
			t.Errorf("%U: got %q, %v; want a-b", dash, got, err)
		}
	}
}

// The app's tests read the same table.
func TestNamesFoldAsTheSharedTableSays(t *testing.T) {
	content, err := os.ReadFile("testdata/folds.json")
	if err != nil {
		t.Fatal(err)
	}
	var folds []struct{ Typed, Folded string }
	if err := json.Unmarshal(content, &folds); err != nil {
		t.Fatal(err)
	}
	for _, each := range folds {
		if got := member.Fold(each.Typed); got != each.Folded {
			t.Errorf("%+q: got %+q, want %+q", each.Typed, got, each.Folded)
		}
	}
}

func TestInvisibleCharactersAreDropped(t *testing.T) {
	for _, invisible := range []string{"\u00ad", "\u061c", "\u200b", "\u200d", "\u200e", "\u202e", "\u2060", "\u2066", "\ufeff", "\U000e0061"} {
		for _, typed := range []string{invisible + "abcd", "ab" + invisible + "cd", "abcd " + invisible, "abcd" + invisible + "@wakwak.com"} {
			if got, err := member.ParseLoginID(typed); err != nil || got != "abcd" {
				t.Errorf("%+q: got %q, %v; want abcd", typed, got, err)
			}
		}
		typed := "ab" + invisible + "cd@xxx.mm-m" + invisible + ".ne.jp" + invisible
		if got, err := member.ParseMailAddress(typed); err != nil || got != "abcd@xxx.mm-m.ne.jp" {
			t.Errorf("%+q: got %q, %v", typed, got, err)
		}
	}
}

func TestTextThatIsNoLoginIDIsRefused(t *testing.T) {
	for _, typed := range []string{
		"", " ", "@", "@wakwak.com", "-abc", ".abc", "_abc", "ab cd", "あいう", "①", "a\x00b", "a\nb", "mıke", "\u212aelvin", "cüre", "ﬁn",
		strings.Repeat("a", 65), "\u200b", "a\u2028b", "\xff",
	} {
		if got, err := member.ParseLoginID(typed); !errors.Is(err, member.ErrNotLoginID) {
			t.Errorf("%q: got %q, %v; want ErrNotLoginID", typed, got, err)
		}
	}
	if _, err := member.ParseLoginID(strings.Repeat("a", 64)); err != nil {
		t.Errorf("64 characters: %v", err)
	}
}

func TestEverySpellingOfAMailAddressIsTheSame(t *testing.T) {
	for _, typed := range []string{"a..b@xxx.mm-m.ne.jp", " A..B@XXX.mm-m.NE.jp ", "ａ．．ｂ＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ", "a..b@xxx.mmーm.ne.jp", "a。。b@xxx。mm-m。ne。jp", "a｡.b@xxx.mm-m｡ne.jp"} {
		if got, err := member.ParseMailAddress(typed); err != nil || got != "a..b@xxx.mm-m.ne.jp" {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
	}
}

func TestLookAlikesAreNotTheSameAddress(t *testing.T) {
	pairs := [][2]string{
		{"cüre@x.jp", "cure@x.jp"}, {"mıke@x.jp", "mike@x.jp"}, {"straße@x.jp", "strasse@x.jp"}, {"\u212a@x.jp", "k@x.jp"}, {"①@x.jp", "1@x.jp"},
	}
	for _, pair := range pairs {
		a, errA := member.ParseMailAddress(pair[0])
		b, errB := member.ParseMailAddress(pair[1])
		if errA != nil || errB != nil || a == b {
			t.Errorf("%q and %q: got %q (%v) and %q (%v), want two addresses", pair[0], pair[1], a, errA, b, errB)
		}
		if a.CanReceive() {
			t.Errorf("%q can receive mail", a)
		}
	}
}

func TestTextThatIsNoMailAddressIsRefused(t *testing.T) {
	for _, typed := range []string{
		"", "abcd", "@x.jp", "a@", "a@b@c", "a b@x.jp", "a@x.jp, b@x.jp", "a@x.jp;b@x.jp", "<a@x.jp>", "A <a@x.jp>", "a@x.jp\r\nBcc: b@x.jp",
		"a\x00@x.jp", "a\u2028b@x.jp", "\"a\"@x.jp", strings.Repeat("a", 250) + "@x.jp",
	} {
		if got, err := member.ParseMailAddress(typed); !errors.Is(err, member.ErrNotMailAddress) {
			t.Errorf("%q: got %q, %v; want ErrNotMailAddress", typed, got, err)
		}
	}
}

func TestAMailAddressHasAtMost254Bytes(t *testing.T) {
	const domain = "@x.jp"
	longest := strings.Repeat("a", 254-len(domain)) + domain
	if _, err := member.ParseMailAddress(longest); err != nil {
		t.Errorf("254 bytes: %v", err)
	}
	if got, err := member.ParseMailAddress("a" + longest); !errors.Is(err, member.ErrNotMailAddress) {
		t.Errorf("255 bytes: got %q, %v; want ErrNotMailAddress", got, err)
	}
}

func TestOnlyAnASCIIAddressWithADomainOfLabelsCanReceiveMail(t *testing.T) {
	for text, want := range map[string]bool{
		"taro@x.jp": true, "a..b@xxx.mm-m.ne.jp": true, "a.@docomo.ne.jp": true, "~@localhost": true, "a@127.0.0.1": true,
		"太郎@x.jp": false, "taro@日本.jp": false, "a@x..jp": false, "a@.jp": false, "a@x.jp.": false, "a@x_y.jp": false, "a@x/y.jp": false,
	} {
		address, err := member.ParseMailAddress(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := address.CanReceive(); got != want {
			t.Errorf("%q can receive mail: got %v, want %v", text, got, want)
		}
	}
}

func TestALogShowsNoWholeMailAddress(t *testing.T) {
	if got := member.MailAddress("taro@x.jp").LogValue().String(); got != "***@x.jp" {
		t.Errorf("got %q", got)
	}
}

// FuzzNames looks for text that panics, that has two normal forms, or that is accepted although its form is wrong.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{
		"abcd@en@wakwak.com", "ＡＢ－ｃ", "a..b@x.jp", "a.@docomo.ne.jp", "\xff@\xfe", "①@ー", "mıke@x.jp", "\u212a@x.jp", "　Ａ＠ｘ．ｊｐ\t",
		"a@b\r\nBcc: c@d", "a\u2028@b", strings.Repeat("a", 64), strings.Repeat("a", 65), "a@" + strings.Repeat("b", 252), "a@" + strings.Repeat("b", 253),
	} {
		f.Add(seed)
	}
	loginID := regexp.MustCompile(`\A[a-z0-9][a-z0-9._-]{0,63}\z`)
	f.Fuzz(func(t *testing.T, typed string) {
		wide := toFullWidth(typed)
		if id, err := member.ParseLoginID(typed); err == nil {
			if again, err := member.ParseLoginID(string(id)); err != nil || again != id {
				t.Errorf("%q gives %q, which gives %q, %v", typed, id, again, err)
			}
			if other, err := member.ParseLoginID(wide); err != nil || other != id {
				t.Errorf("%q gives %q, in full width %q, %v", typed, id, other, err)
			}
			if !loginID.MatchString(string(id)) {
				t.Errorf("%q gives %q, which is no login ID", typed, id)
			}
		}
		if address, err := member.ParseMailAddress(typed); err == nil {
			if again, err := member.ParseMailAddress(string(address)); err != nil || again != address {
				t.Errorf("%q gives %q, which gives %q, %v", typed, address, again, err)
			}
			if other, err := member.ParseMailAddress(wide); err != nil || other != address {
				t.Errorf("%q gives %q, in full width %q, %v", typed, address, other, err)
			}
			if len(address) > 254 || strings.Count(string(address), "@") != 1 || address.Local() == "" || address.Domain() == "" {
				t.Errorf("%q gives %q, which does not have the form", typed, address)
			}
			if strings.ContainsFunc(string(address), unicode.IsControl) || strings.ContainsAny(string(address), "\u2028\u2029, <>") {
				t.Errorf("%q gives %q, which could be read as two", typed, address)
			}
		}
	})
}

// toFullWidth replaces ASCII with full-width characters, as Japanese keyboards type them.
func toFullWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, text)
}
