package backend_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A promise whose test was renamed or deleted is a promise that nothing keeps.
func TestEveryTestThatSecurityNamesIsThere(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	there := make(map[string]bool)
	for path, text := range textFiles(t) {
		if filepath.Ext(path) == ".go" && strings.HasSuffix(path, "_test.go") {
			for _, found := range declared.FindAllStringSubmatch(text, -1) {
				there[found[1]] = true
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 36 {
		t.Errorf("SECURITY.md names %d tests, want at least one for each advisory", len(named))
	}
	for _, name := range named {
		if !there[name[1]] {
			t.Errorf("SECURITY.md names %s, which is nowhere", name[1])
		}
	}
}
