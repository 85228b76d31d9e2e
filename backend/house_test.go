// Package backend_test keeps the house as it was drawn: who may import whom, who alone knows a library, and
// what lies at the top level.
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

// rooms says which other rooms a room may import; its own sub-packages it always may.
var rooms = map[string][]string{
	"member":   {},
	"password": {"member"},
	"recovery": {"member", "password"},
	"login":    {"member", "password", "recovery"},
	"mail":     {"member", "recovery"},
	"session":  {"member"},
	"throttle": {},
	"store":    {"member", "recovery", "mail", "login"},
	"web":      {"member", "password", "recovery", "login", "mail", "session", "throttle"},
	"metrics":  {"password", "recovery", "mail"},
	"tracing":  {},
	"config":   {},
	"cli":      {"member", "password", "recovery", "login", "mail", "session", "throttle", "store", "web", "metrics", "tracing", "config"},
}

// outside are no part of the program: they may know all, and no room may import them.
var outside = []string{"testkit", "bench", "check"}

// owners says which rooms alone know a library, by the beginning of its import path.
var owners = map[string][]string{
	"database/sql":                     {"store", "metrics"}, // metrics watch a pool of connections
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

// topLevel is what the owner drew, and what a build leaves beside it; dot files are allowed too.
var topLevel = []string{
	"LICENSE", "README.md", "backend", "embed.go", "frontend", "go.mod", "go.sum", "main.go", "package-lock.json", "package.json",
	"bin", "node_modules",
}

func TestEveryRoomImportsOnlyWhatItMay(t *testing.T) {
	for file, imported := range imports(t) {
		room := roomOf(file)
		if slices.Contains(outside, room) {
			continue
		}
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s: backend/%s is no room of the house (DESIGN 2); its rooms are %s", file, room, names(rooms))
			continue
		}
		for _, path := range imported {
			other, ours := strings.CutPrefix(path, "aikagi/backend/")
			other, _, _ = strings.Cut(other, "/")
			if ours && other != room && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s: %s may import only %v", file, path, room, allowed)
			}
		}
	}
}

func TestOnlyItsOwnerKnowsALibrary(t *testing.T) {
	for file, imported := range imports(t) {
		room := roomOf(file)
		for _, path := range imported {
			for library, knows := range owners {
				if strings.HasPrefix(path, library) && !slices.Contains(outside, room) && !slices.Contains(knows, room) {
					t.Errorf("%s imports %s: only %v may know it", file, path, knows)
				}
			}
		}
	}
}

func TestNoPackageIsNamedForNothing(t *testing.T) {
	empty := []string{"util", "utils", "common", "model", "models", "helper", "helpers", "misc", "shared", "base", "internal"}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains(empty, entry.Name()) {
			t.Errorf("backend/%s: a package is named for what it holds", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheTopLevelHoldsOnlyWhatTheOwnerDrew(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(topLevel, entry.Name()) {
			t.Errorf("%s lies at the top level, which holds only %v", entry.Name(), topLevel)
		}
	}
}

// A path of somebody's machine or a download host in a file makes a build that works in one place only.
func TestNoFileNamesAMachine(t *testing.T) {
	machine := regexp.MustCompile(`(^|[^\w.\-/])/(home|root|Users|work)/\w|registry\.` + `npmjs|proxy\.` + `golang\.org|deb\.` + `debian\.org|"resolved` + `": "http`)
	for path, text := range textFiles(t) {
		if found := machine.FindString(text); found != "" {
			line := 1 + strings.Count(text[:strings.Index(text, found)], "\n")
			t.Errorf("%s:%d names a machine: %q", path, line, strings.TrimSpace(found))
		}
	}
}

// imports gives what each Go file under backend imports; tests are left out, they may look into every room.
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

// textFiles gives every text file of the project by its path; what a build or an installation made is left out.
func textFiles(t *testing.T) map[string]string {
	t.Helper()
	made := []string{".git", ".cache", "bin", "node_modules", "dist", "test-results", "playwright-report"}
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(made, entry.Name()) {
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

func roomOf(file string) string {
	room, _, _ := strings.Cut(filepath.ToSlash(file), "/")
	return room
}

func names(table map[string][]string) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}
