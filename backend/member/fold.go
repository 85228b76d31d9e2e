package member

import (
	"strings"
	"unicode"
)

// Fold normalises a typed name: it applies [Narrow] to each character, trims spaces, and turns ASCII letters into lower
// case.
//
// It deliberately does nothing else. NFKC and Unicode case folding turn ① into 1 and the Kelvin sign into k, so that one
// member's name could match another member (CVE-2019-19844). The web app has the same function: the tests of both read
// testdata/folds.json.
func Fold(typed string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		r = Narrow(r)
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, typed))
}

// Narrow replaces a character that Japanese keyboards and copied text use instead of an ASCII one with that ASCII
// character: full-width ASCII (U+FF01 to U+FF5E), the ideographic space, dashes, and ideographic full stops. For an
// invisible character (general category Cf: zero-width space, joiners, direction marks, soft hyphen, byte order mark)
// it returns -1, which [strings.Map] drops. It returns any other character unchanged.
func Narrow(r rune) rune {
	switch {
	case r == '　':
		return ' '
	case '！' <= r && r <= '～':
		return r - '！' + '!'
	case strings.ContainsRune("‐‑‒–—―−ー", r):
		return '-'
	case r == '。' || r == '｡':
		return '.'
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}
