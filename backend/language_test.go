package backend_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readable are the packages whose comments and names are in plain technical English. Add a package when it is.
var readable = []string{"breach", "check", "cli", "config", "login", "mail", "member", "metrics", "password", "recovery", "secret", "session", "store", "testkit", "throttle", "tracing", "web"}

// The bounds of a file and of a function in a package that is readable, in lines. Tables in tests may be longer.
const (
	maxFileLines     = 300
	maxFunctionLines = 60
)

// forbidden holds private words and constructions that a reader has to read twice, and what to write instead.
var forbidden = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?i)\bhouses?\b`), "architecture, or fixture in a test"},
	{regexp.MustCompile(`(?i)\brooms?\b`), "package, or space"},
	{regexp.MustCompile(`(?i)\bdoors?\b`), "listener or middleware"},
	{regexp.MustCompile(`(?i)\bfurnish`), "the verb for what is done"},
	{regexp.MustCompile(`(?i)\bunderlay`), "the layer's name"},
	{regexp.MustCompile(`(?i)\bstand-ins?\b|\bstand(s|ing)? in for\b`), "dummy or fake"},
	{regexp.MustCompile(`(?i)\bdeeds?\b`), "change, call or activity"},
	{regexp.MustCompile(`(^|[.:;] )(Who|Whose)\s[^?]*(\.|$)`), "whoever, a caller who, or the noun"},
	{regexp.MustCompile(`(?i)\b(of|for|to|from|by|with) who\b|: who\b`), "whoever, or the noun"},
	{regexp.MustCompile(`(^|[.:;] )(That|Those) which\b`), "what, or the noun"},
	{regexp.MustCompile(`\bbut for\b`), "except"},
	{regexp.MustCompile(`(^|[.:;] )(Were|Had) (the|an?|it|they|every|there)\b`), "if"},
}

// unreadable returns the forbidden parts of a text, each with what to write instead.
func unreadable(text string) (found []string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, rule := range forbidden {
		if part := rule.pattern.FindString(text); part != "" {
			found = append(found, strings.TrimSpace(part)+" (write "+rule.instead+")")
		}
	}
	return found
}

func TestReadablePackagesUsePlainEnglishInShortFilesAndFunctions(t *testing.T) {
	files := []string{"../main.go", "../embed.go", "language_test.go", "architecture_test.go", "bounds_test.go"}
	for _, name := range readable {
		before := len(files)
		err := filepath.WalkDir(name, func(path string, _ fs.DirEntry, err error) error {
			if filepath.Ext(path) == ".go" {
				files = append(files, path)
			}
			return err
		})
		if err != nil || len(files) == before {
			t.Errorf("package %s has no Go files: %v", name, err)
		}
	}
	for _, path := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if lines := set.File(file.Pos()).LineCount(); lines > maxFileLines {
			t.Errorf("%s has %d lines, want at most %d: split it by topic", path, lines, maxFileLines)
		}
		checkComments(t, set, file)
		checkDeclarations(t, set, file)
	}
}

func checkComments(t *testing.T, set *token.FileSet, file *ast.File) {
	t.Helper()
	for _, group := range file.Comments {
		for _, found := range unreadable(group.Text()) {
			t.Errorf("%s: the comment holds %s", set.Position(group.Pos()), found)
		}
	}
}

// checkDeclarations checks the names of all identifiers and the lengths of the functions.
func checkDeclarations(t *testing.T, set *token.FileSet, file *ast.File) {
	t.Helper()
	word := regexp.MustCompile(`[A-Z]?[a-z]+`)
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Ident:
			for _, found := range unreadable(strings.ToLower(strings.Join(word.FindAllString(node.Name, -1), " "))) {
				t.Errorf("%s: the name %s holds %s", set.Position(node.Pos()), node.Name, found)
			}
		case *ast.FuncDecl:
			from, to := set.Position(node.Pos()), set.Position(node.End())
			if lines := to.Line - from.Line + 1; lines > maxFunctionLines && !strings.HasSuffix(from.Filename, "_test.go") {
				t.Errorf("%s: %s has %d lines, want at most %d", from, node.Name.Name, lines, maxFunctionLines)
			}
		}
		return true
	})
}

func TestForbiddenWordsAreFoundAndPlainSentencesPass(t *testing.T) {
	for text, want := range map[string]int{
		"This room holds the sessions.":                           1,
		"It opens a door.":                                        1,
		"A stand-in for the member.":                              1,
		"Who has no session waits.":                               1,
		"leave hands the slot to who waits first.":                1,
		"It names no path: who puts a password there finds it.":   1,
		"Were every scheme as likely, the time would tell.":       1,
		"All but for one login ID.":                               1,
		"Whoever has no session waits, and the caller who has.":   0,
		"The member who is signed in, and the one who is not.":    0,
		"A roommate of the housekeeper is outdoors.":              0,
		"The rows that were written before; they had no version.": 0,
		"Who may import whom?":                                    0,
	} {
		if got := unreadable(text); len(got) != want {
			t.Errorf("%q: got %q, want %d", text, got, want)
		}
	}
}
