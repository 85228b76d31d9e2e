package mail

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestAPreviewHoldsEveryLetterInThreeForms(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "letters")
	paths, err := Preview(NewWriter(exampleBrand), SMTPSettings{From: sender}, dir, time.Hour, exampleNow)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, kind := range []string{"temporary_password", "password_changed", "new_address", "former_address", "password_voided"} {
		for _, language := range []string{"ja", "en"} {
			base := kind + "." + language
			want[base+".html"], want[base+".txt"], want[base+".eml"] = `<html lang="`+language, "help@example.jp", "<support@example.jp>\r\n"
		}
	}
	want["index.html"] = "<h1>Letters</h1>"
	if got := len(paths); got != len(want) {
		t.Errorf("got %d files, want %d", got, len(want))
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if mark := want[filepath.Base(path)]; mark == "" || !strings.Contains(string(content), mark) {
			t.Errorf("%s: got no %q", path, mark)
		}
	}
}

// The boundary between the parts and the signature differ at each try, so they are left out.
var atEachTry = []string{"Content-Type", "Dkim-Signature"}

func TestAPreviewIsTheLetterThatLeaves(t *testing.T) {
	keys := newSigning(t)
	signed := func(settings *SMTPSettings) { settings.From, settings.DKIM = sender, keys.keys() }
	var settings SMTPSettings
	signed(&settings)
	dir, writer := t.TempDir(), NewWriter(exampleBrand)
	if _, err := Preview(writer, settings, dir, time.Hour, exampleNow); err != nil {
		t.Fatal(err)
	}
	eachLetter(t, func(t *testing.T, c Content) {
		preview, err := os.ReadFile(filepath.Join(dir, string(c.Kind)+"."+string(c.Language)+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		s := newSink(t)
		if err := newTransport(t, s, signed).Send(t.Context(), write(t, exampleBrand, c)); err != nil {
			t.Fatal(err)
		}
		got, want := headers(t, string(preview)), headers(t, s.letters()[0].data)
		for _, name := range atEachTry {
			if len(got[name]) != len(want[name]) {
				t.Errorf("got %q, want as many as %q", got[name], want[name])
			}
			delete(got, name)
			delete(want, name)
		}
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("got headers %q, want %q", got, want)
		}
		for _, verification := range keys.verify(t, string(preview)) {
			if verification.Err != nil {
				t.Errorf("got %v, want a good signature", verification.Err)
			}
		}
	})
}

func TestTheGalleryShowsEveryLetterInLightDarkAndText(t *testing.T) {
	dir := t.TempDir()
	if _, err := Preview(NewWriter(exampleBrand), SMTPSettings{From: sender}, dir, time.Hour, exampleNow); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	looks := map[string]int{}
	eachElement(t, string(page), func(node *html.Node) {
		switch node.Data {
		case "iframe":
			letter := attribute(node, "srcdoc")
			if strings.Contains(letter, "prefers-color-scheme") {
				t.Errorf("%s: got a letter that follows the screen", attribute(node, "title"))
			}
			if strings.Contains(letter, "@media all {") {
				looks["dark"]++
			}
			if strings.Contains(letter, "@media not all {") {
				looks["light"]++
			}
		case "pre":
			looks["text"]++
		case "a":
			if _, err := os.Stat(filepath.Join(dir, attribute(node, "href"))); err != nil {
				t.Error(err)
			}
			looks["link"]++
		case "script", "img", "link":
			t.Errorf("got a <%s>", node.Data)
		}
	})
	for look, want := range map[string]int{"light": 10, "dark": 10, "text": 10, "link": 30} {
		if looks[look] != want {
			t.Errorf("got %d of %s, want %d", looks[look], look, want)
		}
	}
}

func TestAPreviewThatCannotBeWrittenSaysSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Preview(NewWriter(exampleBrand), SMTPSettings{From: sender}, file, time.Hour, exampleNow); err == nil {
		t.Error("got no error for a folder that is a file")
	}
}
