package recovery_test

import "strings"

func toLower(s string) string { return strings.ToLower(s) }
func toUpper(s string) string { return strings.ToUpper(s) }

// toUpperFirst gives another spelling of the same temporary password.
func toUpperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func toFullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}
