package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

const script = "/assets/app-Ab_3.js"

// fetch sends a GET to the public listener.
func fetch(t *testing.T, h *fixture, path string, header map[string]string) response {
	t.Helper()
	return send(t, h.base, scenario{Method: "GET", Path: path, Header: header})
}

func TestAFileIsSentInAFormThatTheBrowserAccepts(t *testing.T) {
	h := start(t)
	plain := strings.Repeat("let a = 1;\n", 100)
	for accepted, want := range map[string]string{
		"":                        "",
		"identity":                "",
		"gzip":                    "gzip",
		"GZIP":                    "gzip",
		"gzip, deflate, br, zstd": "br",
		"br;q=0, gzip":            "gzip",
		"br;q=0,gzip;q=0":         "",
		"brotli, xgzip":           "",
	} {
		got := fetch(t, h, script, map[string]string{"Accept-Encoding": accepted})
		if coding := got.Header.Get("Content-Encoding"); coding != want {
			t.Errorf("%q: got %q, want %q", accepted, coding, want)
		}
		if text := decoded(t, got); text != plain {
			t.Errorf("%q: got %.40q, want the file", accepted, text)
		}
		if vary := got.Header.Get("Vary"); vary != "Accept-Encoding" {
			t.Errorf("%q: got Vary %q", accepted, vary)
		}
	}
	built := fetch(t, h, "/assets/look-1.css", map[string]string{"Accept-Encoding": "br"})
	if built.Body != "made by the build" {
		t.Errorf("got %q, want the form that the build made", built.Body)
	}
}

func decoded(t *testing.T, got response) string {
	t.Helper()
	body := io.Reader(strings.NewReader(got.Body))
	switch got.Header.Get("Content-Encoding") {
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		reader, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = reader
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAFileThatTheBrowserHasCachedIsNotSentAgain(t *testing.T) {
	h := start(t)
	tags := map[string]bool{}
	for _, coding := range []string{"", "gzip", "br"} {
		first := fetch(t, h, script, map[string]string{"Accept-Encoding": coding})
		tag := first.Header.Get("ETag")
		tags[tag] = true
		for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := fetch(t, h, script, map[string]string{"Accept-Encoding": coding, "If-None-Match": held})
			if again.Status != 304 || again.Body != "" || again.Header.Get("ETag") != tag || again.Header.Get("Content-Encoding") != "" ||
				again.Header.Get("Cache-Control") != cacheForever || again.Header.Get("Vary") == "" {
				t.Errorf("%s with %s: got %d %v", coding, held, again.Status, again.Header)
			}
		}
		other := fetch(t, h, script, map[string]string{"Accept-Encoding": coding, "If-None-Match": `"other"`})
		if other.Status != 200 {
			t.Errorf("%s: got %d, want 200", coding, other.Status)
		}
	}
	if got, want := len(tags), 3; got != want {
		t.Errorf("got %d tags for three forms, want %d", got, want)
	}
}

func TestFilesHaveTheirContentTypeAndCacheControl(t *testing.T) {
	h := start(t)
	run(t, h.base, []scenario{
		{Name: "script", Method: "GET", Path: script, Status: 200, Want: map[string]string{"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": cacheForever}},
		{Name: "style", Method: "GET", Path: "/assets/look-1.css", Status: 200, Want: map[string]string{"Content-Type": "text/css; charset=utf-8", "Cache-Control": cacheForever}},
		{Name: "icon", Method: "GET", Path: "/icon.svg", Status: 200, Want: map[string]string{"Content-Type": "image/svg+xml", "Cache-Control": revalidate}},
		{Name: "head", Method: "HEAD", Path: script, Status: 200, Want: map[string]string{"Content-Length": "1100"}},
		{Name: "wrong method", Method: "POST", Path: script, Status: 405, Code: "method_not_allowed", Want: map[string]string{"Allow": "GET, HEAD"}},
	})
}

// ASVS 14.2.5, 13.4.3, 13.4.7, 5.3.2: an unknown path gets no file and no page.
func TestAPathWithoutAFileIsNotFound(t *testing.T) {
	h := start(t)
	for _, path := range []string{
		"/assets/", "/assets", "/assets/app-Ab_3.js.map", "/assets/missing.js", "/assets/look-1.css.br", "/.gitkeep", "/index.html",
		"/assets/../index.html", "/assets/%2e%2e/index.html", "/..%2findex.html", "/assets/app-ab_3.js", "/icon.svg/", "//icon.svg",
		"/.git/config", "/assets/app-Ab_3.js%00",
	} {
		got := fetch(t, h, path, nil)
		if got.Status != 404 || got.problem()["code"] != "not_found" {
			t.Errorf("%s: got %d %.60q, want 404", path, got.Status, got.Body)
		}
	}
	missing := fetch(t, h, "/assets/missing.js", map[string]string{"Accept": "text/html,*/*"})
	if missing.Status != 404 || missing.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s, want a problem", missing.Status, missing.Header.Get("Content-Type"))
	}
}

func TestACompressedFormatIsNotCompressedAgain(t *testing.T) {
	image := newFile("image/png", revalidate, bytes.Repeat([]byte("x"), 1000), nil, nil)
	if len(image.codings) != 0 {
		t.Errorf("got %d codings of an image, want none", len(image.codings))
	}
}
