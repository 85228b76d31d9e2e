package config

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const svg = `<?xml version="1.0"?><!-- ours --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><path d="M0 0h9v3z"/></svg>`

func pngPicture(t *testing.T) string {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 90, 30))); err != nil {
		t.Fatal(err)
	}
	return picture.String()
}

func TestALogoIsAnSVGOrAPNG(t *testing.T) {
	for name, content := range map[string]string{"logo.svg": svg, "logo.png": pngPicture(t)} {
		got, err := logoAt(logoFile(t, name, content))
		if err != nil || string(got.Content) != content || got.Extension() != filepath.Ext(name) {
			t.Errorf("%s: got %.20q %s, %v", name, got.Content, got.Extension(), err)
		}
	}
}

func TestAFileThatIsNoLogoIsRefused(t *testing.T) {
	for want, file := range map[string][2]string{
		"neither in .svg nor in .png": {"logo.gif", "GIF89a"},
		"no such picture":             {"logo.png", svg},
		"no such picture ":            {"logo.svg", pngPicture(t)},
		"no such picture  ":           {"logo.svg", `<html xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></html>`},
		"no such picture   ":          {"logo.svg", `<svg viewBox="0 0 9 3"/>`},
		"no such picture    ":         {"logo.svg", svg[:40]},
		"no such picture     ":        {"logo.svg", ""},
		"larger than 20000 bytes":     {"logo.svg", svg + strings.Repeat(" ", maxLogo)},
	} {
		if _, err := logoAt(logoFile(t, file[0], file[1])); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%.40q: got %v, want %q", file, err, want)
		}
	}
	if _, err := logoAt(filepath.Join(t.TempDir(), "none.svg")); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("got %v for a file that does not exist", err)
	}
}

func logoAt(path string) (Logo, error) {
	logo, err := parseLogoPath(path)
	if err == nil {
		err = logo.read()
	}
	return logo, err
}

func logoFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
