package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"aikagi/backend/config"
)

// commented matches a line that sets something when its # is removed.
var commented = regexp.MustCompile(`(?m)^# ([a-z0-9_]+ = )`)

// namesInReference returns the names of all settings, in lower case.
func namesInReference() (names []string) {
	for line := range strings.Lines(config.Reference()) {
		if name, is := strings.CutPrefix(line, "  AIKAGI_"); is {
			name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
			names = append(names, strings.ToLower(name))
		}
	}
	return names
}

func TestTheTOMLExampleSetsNothingAndNamesEverySetting(t *testing.T) {
	file := filepath.Join(t.TempDir(), "aikagi.toml")
	load := func(text string, environ ...string) (config.Settings, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return config.Load(config.Args{File: file, Environ: environ})
	}
	var none map[string]any
	if _, err := toml.Decode(config.Example(), &none); err != nil || len(none) > 0 {
		t.Errorf("got %v, %v; want nothing set", none, err)
	}
	if _, err := load(config.Example()); err != nil {
		t.Error(err)
	}

	uncommented := commented.ReplaceAllString(config.Example(), "$1")
	var all map[string]any
	if _, err := toml.Decode(uncommented, &all); err != nil {
		t.Fatal(err)
	}
	names := namesInReference()
	for _, name := range names {
		if _, is := all[name]; !is {
			t.Errorf("the example does not name %s", name)
		}
	}
	if len(all) != len(names) || len(names) < 50 {
		t.Errorf("the example names %d settings, the reference %d", len(all), len(names))
	}

	// An example cannot have files that exist, working keys, or a certificate in addition to ACME.
	_, err := load(uncommented)
	var mistaken *config.MistakesError
	if !errors.As(err, &mistaken) {
		t.Fatalf("got %v", err)
	}
	for _, m := range mistaken.Mistakes {
		if name := strings.TrimPrefix(m.Setting, "AIKAGI_"); !slices.Contains([]string{"TLS_CERT", "TLS_CA", "ACME_DOMAINS", "ACME_FOLDER", "BRAND_LOGO", "KEYS"}, name) && !strings.HasPrefix(name, "DKIM_KEY") {
			t.Errorf("the example is wrong: %s", m)
		}
	}
}

// An operator who removes the # before a default changes nothing.
func TestTheDefaultsInTheTOMLExampleAreTheDefaults(t *testing.T) {
	reference := config.Reference()
	for line := range strings.Lines(config.Example()) {
		if !commented.MatchString(line) {
			continue
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line[len("# "):]), " = ")
		if _, preset, has := strings.Cut(reference, "  AIKAGI_"+strings.ToUpper(name)+" ["); has {
			if preset, _, _ = strings.Cut(preset, "]\n"); strings.Trim(value, `"`) != preset {
				t.Errorf("%s: the example has %s, the reference %s", name, value, preset)
			}
		}
	}
}
