package member

import "testing"

// The spellings that members type: plain, with full-width letters, and with capitals and a domain.
func BenchmarkParseLoginID(b *testing.B) {
	for name, typed := range map[string]string{"plain": "member12345", "full-width": "ｍｅｍｂｅｒ１２３４５", "with a domain": " Member12345@wakwak.com "} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseLoginID(typed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseMailAddress(b *testing.B) {
	for name, typed := range map[string]string{"plain": "member12345@xxx.mm-m.ne.jp", "full-width": "ｍｅｍｂｅｒ１２３４５＠ｘｘｘ．ｍｍ－ｍ．ｎｅ．ｊｐ"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseMailAddress(typed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
