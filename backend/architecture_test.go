// Package backend_test checks the architecture: which package may import which, which packages may use a library, and
// which files are at the top level. It also checks documents and deployment files against the code.
package backend_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// allowedImports holds the packages that each package may import. It may always import its own sub-packages.
var allowedImports = map[string][]string{
	"member":   {},
	"secret":   {},
	"password": {"member", "secret"},
	"recovery": {"member", "password", "secret"},
	"login":    {"member", "password", "recovery"},
	"mail":     {"member", "recovery", "secret"},
	"session":  {"member", "secret"},
	"breach":   {"member"},
	"throttle": {},
	"store":    {"member", "recovery", "mail", "login", "breach", "secret"},
	"web":      {"member", "password", "recovery", "login", "mail", "session", "throttle"},
	"metrics":  {"password", "recovery", "mail"},
	"tracing":  {},
	"config":   {"secret"},
	"cli":      {"breach", "member", "password", "recovery", "login", "mail", "session", "throttle", "store", "web", "metrics", "tracing", "config", "secret"},
}

// outside are not part of the program. They may import every package, and no package of the program may import them.
var outside = []string{"testkit", "bench", "check"}

// owners holds the packages that may import a library, by the beginning of the library's import path.
var owners = map[string][]string{
	"database/sql":                     {"store", "metrics"}, // metrics reads the statistics of a pool
	"gorm.io/":                         {"store"},
	"modernc.org/sqlite":               {"store"},
	"github.com/go-sql-driver/mysql":   {"store"},
	"github.com/pressly/goose":         {"store"},
	"github.com/gofiber/fiber":         {"web"},
	"github.com/valyala/fasthttp":      {"web"},
	"github.com/matcornic/hermes":      {"mail"},
	"github.com/wneessen/go-mail":      {"mail"},
	"github.com/emersion/go-msgauth":   {"mail"},
	"github.com/emersion/go-smtp":      {},
	"net/smtp":                         {"mail"},
	"github.com/redis/":                {"session", "throttle"},
	"github.com/gofiber/storage/redis": {"session", "throttle"},
	"github.com/throttled/throttled":   {"throttle"},
	"golang.org/x/crypto/argon2":       {"password"},
	"github.com/go-crypt/":             {"password"},
	"crypto/hkdf":                      {"recovery"},
	"golang.org/x/crypto/hkdf":         {"recovery"},
	"github.com/BurntSushi/toml":       {"config"},
	"github.com/knadh/koanf":           {"config"},
	"github.com/alecthomas/kong":       {"cli"},
	"github.com/prometheus/":           {"metrics"},
	"go.opentelemetry.io/":             {"tracing"},
	"net/http/pprof":                   {"web"},
}

// topLevel holds the files at the top level that the owner of the project wants, and those that a build makes. Dot files
// are allowed too.
var topLevel = []string{
	"LICENSE", "README.md", "backend", "embed.go", "frontend", "go.mod", "go.sum", "main.go", "package-lock.json", "package.json",
	"bin", "node_modules",
}

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	for file, imported := range imports(t) {
		name := packageOf(file)
		if slices.Contains(outside, name) {
			continue
		}
		allowed, known := allowedImports[name]
		if !known {
			t.Errorf("%s: package %s is not in allowedImports, which has %s", file, name, names(allowedImports))
			continue
		}
		for _, path := range imported {
			other, ours := strings.CutPrefix(path, "aikagi/backend/")
			other, _, _ = strings.Cut(other, "/")
			if ours && other != name && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s: %s may import only %v", file, path, name, allowed)
			}
		}
	}
}

func TestOnlyItsOwnersImportALibrary(t *testing.T) {
	for file, imported := range imports(t) {
		name := packageOf(file)
		for _, path := range imported {
			for library, owning := range owners {
				if strings.HasPrefix(path, library) && !slices.Contains(outside, name) && !slices.Contains(owning, name) {
					t.Errorf("%s imports %s: only %v may import it", file, path, owning)
				}
			}
		}
	}
}

func TestEveryPackageIsNamedForItsContent(t *testing.T) {
	vague := []string{"util", "utils", "common", "model", "models", "helper", "helpers", "misc", "shared", "base", "internal"}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains(vague, entry.Name()) {
			t.Errorf("backend/%s: the name does not say what the package holds", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheTopLevelHoldsOnlyTheAllowedFiles(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(topLevel, entry.Name()) {
			t.Errorf("%s is at the top level, which may hold only %v", entry.Name(), topLevel)
		}
	}
}

// With a path of one machine or a download host in a file, a build works only there.
func TestNoFileNamesAMachine(t *testing.T) {
	machine := regexp.MustCompile(`(^|[^\w.\-/])/(home|root|Users|work)/\w|registry\.` + `npmjs|proxy\.` + `golang\.org|deb\.` + `debian\.org|"resolved` + `": "http`)
	for path, text := range textFiles(t) {
		if found := machine.FindString(text); found != "" {
			line := 1 + strings.Count(text[:strings.Index(text, found)], "\n")
			t.Errorf("%s:%d names a machine: %q", path, line, strings.TrimSpace(found))
		}
	}
}

// imports returns the imports of each Go file under backend, by path. It omits tests, which may import every package.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path == "tools", entry.IsDir() && entry.Name() == "testdata":
			return filepath.SkipDir
		case entry.IsDir(), filepath.Ext(path) != ".go", strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		found[path] = nil
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[path] = append(found[path], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no Go file was found: the test looks in the wrong place")
	}
	return found
}

// textFiles returns the text files of the project, by path. It omits what a build or an installation makes.
func textFiles(t *testing.T) map[string]string {
	t.Helper()
	generated := []string{".git", ".cache", "bin", "node_modules", "dist", "test-results", "playwright-report"}
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(generated, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if utf8.Valid(content) {
			found[path] = string(content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no text file was found: the test looks in the wrong place")
	}
	return found
}

func packageOf(file string) string {
	name, _, _ := strings.Cut(filepath.ToSlash(file), "/")
	return name
}

func names(table map[string][]string) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}
