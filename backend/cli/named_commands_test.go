package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parses returns why the program refuses a command line. Words in capitals are placeholders for the operator's values.
func parses(t *testing.T, words []string) (err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"FILE": file, "NUMBER": "1", "COMMAND": "serve"}
	args := make([]string, len(words))
	for i, word := range words {
		args[i] = word
		if name, value, isFlag := strings.Cut(word, "="); isFlag && isPlaceholder(value) {
			args[i] = name + "=login_id=x"
		}
		if isPlaceholder(word) {
			args[i] = "abcd"
		}
		if value, is := values[word]; is {
			args[i] = value
		}
		if strings.HasSuffix(word, ".csv") {
			args[i] = file
		}
	}
	defer func() {
		if ended := recover(); ended != nil && ended != any(exitRequest(exitDone)) {
			err = fmt.Errorf("ended: %v", ended)
		}
	}()
	_, err = newParser(new(commands), io.Discard, io.Discard).Parse(args)
	return err
}

var placeholder = regexp.MustCompile(`^[A-Z][A-Z…-]+$`)

// isPlaceholder reports whether a word is a placeholder. A format verb is one too.
func isPlaceholder(word string) bool { return word == "%s" || placeholder.MatchString(word) }

var (
	inBackticks = regexp.MustCompile("`aikagi( [^`]*)`")
	inProse     = regexp.MustCompile(`\baikagi ([A-Za-z-][^` + "`" + `]*)`)
	codeLine    = regexp.MustCompile(`(?m)^aikagi( [^#\n>|&]*)`) // ends before the operators of the shell
)

// commandIn returns the command at the beginning of a text. It ends before the first word that is neither a subcommand,
// nor a flag, nor the value of a flag.
func commandIn(text string) (words []string) {
	node := newParser(new(commands), io.Discard, io.Discard).Model.Node
	flag := false
	for word := range strings.FieldsSeq(text) {
		bare := strings.TrimRight(word, ".,;:)!?")
		child := node
		for _, c := range node.Children {
			if c.Name == bare {
				child = c
			}
		}
		switch isFlag := strings.HasPrefix(bare, "--"); {
		case len(words) == 0, child != node, isFlag, isPlaceholder(bare), flag:
			words, node, flag = append(words, bare), child, isFlag
		default:
			return words
		}
		if bare != word {
			return words
		}
	}
	return words
}

// notRead are folders whose texts operators never see.
var notRead = []string{"node_modules", "testdata", "testkit", "bench", "check", "tools", "scripts"}

// Operators type the commands that messages name.
func TestEveryCommandInAMessageExists(t *testing.T) {
	t.Parallel()
	named := 0
	try := func(where string, words []string) {
		named++
		if err := parses(t, words); err != nil {
			t.Errorf("%s names aikagi %s: %v", where, strings.Join(words, " "), err)
		}
	}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2 || slices.Contains(notRead, entry.Name())):
			return fs.SkipDir
		case strings.HasSuffix(path, ".md"):
			text, err := os.ReadFile(path)
			for _, pattern := range []*regexp.Regexp{inBackticks, codeLine} {
				for _, found := range pattern.FindAllStringSubmatch(string(text), -1) {
					try(path, strings.Fields(found[1]))
				}
			}
			return err
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "recovery/key.go"): // it names purposes of keys, not commands
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				literal, is := node.(*ast.BasicLit)
				if !is || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				for _, found := range inBackticks.FindAllStringSubmatch(text, -1) {
					try(path, strings.Fields(found[1]))
				}
				for _, found := range inProse.FindAllStringSubmatch(inBackticks.ReplaceAllString(text, ""), -1) {
					for _, part := range strings.Split(found[1], "aikagi ") {
						try(path, commandIn(part))
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if named < 20 {
		t.Errorf("found %d commands: there are more", named)
	}
}

func TestACommandIsSeparatedFromTheTextAfterIt(t *testing.T) {
	for text, want := range map[string]string{
		"migrate again: it goes on": "migrate",
		"settings.":                 "settings",
		"letters --state failed lists them), another": "letters --state failed",
		"--help, or":                                   "--help",
		"members show ID first":                        "members show ID",
		"help settings lists all names":                "help settings",
		"members void --all --yes NUMBER, the most of": "members void --all --yes NUMBER",
	} {
		if got := strings.Join(commandIn(text), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
