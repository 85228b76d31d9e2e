package member

import (
	"strings"
)

// Fold normalises a typed name: full-width ASCII and the ideographic space become ASCII, the dashes that
// Japanese keyboards make become -, outer space goes, ASCII letters become lower case.
//
// Nothing else is folded. NFKC and Unicode case folding would make ① a 1 and the Kelvin sign a k, and so
// let one member's name reach another's (CVE-2019-19844).
func Fold(typed string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		r = Narrow(r)
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, typed))
}

// Narrow gives the half-width form of one character of full-width ASCII, of the ideographic space, and of
// the dashes; any other character is returned as it is.
func Narrow(r rune) rune {
	switch {
	case r == '　':
		return ' '
	case '！' <= r && r <= '～':
		return r - '！' + '!'
	case strings.ContainsRune("‐‑‒–—―−ー", r):
		return '-'
	}
	return r
}
