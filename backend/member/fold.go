package member

import (
	"strings"
	"unicode"
)

// Fold normalises a typed name. It narrows each character as [Narrow] does, trims spaces, and turns ASCII letters into
// lower case.
//
// Nothing else is folded. NFKC and Unicode case folding would make ① a 1 and the Kelvin sign a k, so that one member's
// name could reach another's (CVE-2019-19844). The app folds in the same way; both read testdata/folds.json.
func Fold(typed string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		r = Narrow(r)
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, typed))
}

// Narrow returns the ASCII form of one character that Japanese keyboards and copied text put in place of an ASCII one:
// full-width ASCII (U+FF01 to U+FF5E), the ideographic space, the dashes, and the ideographic full stops. It returns -1,
// which [strings.Map] drops, for a character that nobody sees: general category Cf (zero-width space, joiners, direction
// marks, soft hyphen, byte order mark). It returns any other character as it is.
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
