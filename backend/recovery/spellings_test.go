package recovery_test

import (
	"slices"
	"strings"
)

func toLower(s string) string { return strings.ToLower(s) }
func toUpper(s string) string { return strings.ToUpper(s) }

// toUpperFirst returns another spelling of the same temporary password.
func toUpperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func toFullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// cutLine returns the text after a line, and whether there is such a line.
func cutLine(text, line string) (string, bool) {
	_, after, found := strings.Cut("\n"+strings.ReplaceAll(text, "\r\n", "\n"), "\n"+line+"\n")
	return after, found
}

func toHalfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if '！' <= r && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
