package web

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
)

var browserHeader = map[string]string{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

func TestOnlyPathsOfTheAppGetThePageWithStatus200(t *testing.T) {
	h := start(t)
	for path, want := range map[string]int{
		"/": 200, "/recover": 200, "/recover/done": 200, "/member": 200, "/disavow": 200,
		"/recover/" + waitingID:               200,
		"/recover/" + waitingID + "/password": 200,
		// Unknown paths get the page too, so that a person sees a text, but with status 404.
		"/recover/abcd":                   404,
		"/recover/abcd/password":          404,
		"/recover/" + waitingID + "/more": 404,
		"/recover/":                       404,
		"/disavow/abcd":                   404,
		"/Member":                         404,
		"/nothing":                        404,
		"/recovery/x.html":                404,
	} {
		got := fetch(t, h, path, browserHeader)
		if got.Status != want || !strings.Contains(got.Body, `<div id="app">`) || got.Header.Get("Content-Type") != htmlType ||
			got.Header.Get("Content-Security-Policy") != pageCSP {
			t.Errorf("%s: got %d %s, want %d and the page", path, got.Status, got.Header.Get("Content-Type"), want)
		}
		if head := send(t, h.base, scenario{Method: "HEAD", Path: path, Header: browserHeader}); head.Status != want || head.Body != "" {
			t.Errorf("HEAD %s: got %d, want %d", path, head.Status, want)
		}
	}
	for _, path := range []string{"/api", "/api/nothing", "/assets/nothing.js", "/.well-known/nothing", "/demo/nothing", "/demo"} {
		if got := fetch(t, h, path, browserHeader); got.Status != 404 || got.problem() == nil {
			t.Errorf("%s: got %d %.40q, want a problem", path, got.Status, got.Body)
		}
	}
	if got := fetch(t, h, "/nothing", map[string]string{"Accept": "application/json"}); got.problem() == nil {
		t.Errorf("without text/html in Accept: got %.40q, want a problem", got.Body)
	}
}

// With no-store, a browser does not show a page at once when a member goes back.
func TestThePageIsCachedAndRevalidated(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/", "/member", "/recover/" + waitingID} {
		for _, encoding := range []string{"br", "gzip", "identity"} {
			first := fetch(t, h, path, map[string]string{"Accept-Encoding": encoding})
			tag := first.Header.Get("ETag")
			if first.Status != 200 || first.Header.Get("Cache-Control") != "no-cache" || tag == "" {
				t.Fatalf("%s as %s: got %d, %q, tag %q; want 200, no-cache and a tag", path, encoding, first.Status, first.Header.Get("Cache-Control"), tag)
			}
			unchanged := map[string]string{"Accept-Encoding": encoding, "If-None-Match": tag}
			again := fetch(t, h, path, unchanged)
			if again.Status != 304 || again.Body != "" || again.Header.Get("ETag") != tag || again.Header.Get("Content-Security-Policy") != pageCSP {
				t.Errorf("%s as %s, unchanged: got %d with %d bytes, tag %q; want 304 with the same headers", path, encoding, again.Status, len(again.Body), again.Header.Get("ETag"))
			}
			site := h.Site
			site.Announcement = &Both{JA: path + encoding, EN: path + encoding}
			h.Refresh(site)
			if changed := fetch(t, h, path, unchanged); changed.Status != 200 {
				t.Errorf("%s as %s, with another announcement: got %d, want 200", path, encoding, changed.Status)
			}
		}
	}
	missing := fetch(t, h, "/nothing", map[string]string{"Accept": "text/html", "If-None-Match": "*"})
	if missing.Status != 404 || missing.Header.Get("ETag") != "" || missing.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("no page: got %d, tag %q, %q; want 404, stored nowhere", missing.Status, missing.Header.Get("ETag"), missing.Header.Get("Cache-Control"))
	}
}

func TestThePageHoldsTheSitesSettings(t *testing.T) {
	h := start(t)
	_, rest, found := strings.Cut(fetch(t, h, "/", nil).Body, `<script type="application/json" id="site">`)
	inPage, _, closed := strings.Cut(rest, "</script>")
	if !found || !closed {
		t.Fatalf("the page has no settings: %s", rest)
	}
	if called := fetch(t, h, "/api/site", nil).Body; inPage != called {
		t.Errorf("got %s in the page, want %s", inPage, called)
	}
	var site Site
	if err := json.Unmarshal([]byte(inPage), &site); err != nil {
		t.Fatal(err)
	}
	if site.Password != (PasswordRules{9, 20, "-_/@"}) || site.Lifetimes.Grant != 1800 || site.Lifetimes.Recovery != 86400 || site.Recovery != Open || site.Demo {
		t.Errorf("got %+v", site)
	}
}

// Without the preload, the browser requests the script of the other screens one round trip later.
func TestOnlyPagesThatNeedTheOtherScreensPreloadThem(t *testing.T) {
	h := start(t)
	const link = `<link rel="modulepreload" href="/assets/rest-Cd_4.js">`
	for path, want := range map[string]int{"/": 0, "/recover": 1, "/member": 1, "/disavow": 1, "/recover/" + waitingID: 1, "/nothing": 1} {
		if got := strings.Count(fetch(t, h, path, browserHeader).Body, link); got != want {
			t.Errorf("%s: got %d links to the script of the other screens, want %d", path, got, want)
		}
	}
}

func TestTheLogoIsServedAsAFile(t *testing.T) {
	const picture = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	h := start(t, func(s *Server) { s.Logo = &Logo{".svg", []byte(picture)} })
	var site Site
	if err := json.Unmarshal([]byte(fetch(t, h, "/api/site", nil).Body), &site); err != nil {
		t.Fatal(err)
	}
	got := fetch(t, h, site.Brand.Logo, nil)
	if got.Status != 200 || got.Body != picture || got.Header.Get("Content-Type") != "image/svg+xml" || got.Header.Get("Cache-Control") != cacheForever {
		t.Errorf("%s: got %d %s %q, want the picture", site.Brand.Logo, got.Status, got.Header.Get("Content-Type"), got.Body)
	}
	// An SVG that is opened as a page could run scripts.
	if policy := got.Header.Get("Content-Security-Policy"); policy != noPageCSP {
		t.Errorf("got the policy %q, want %q", policy, noPageCSP)
	}
	if !strings.Contains(fetch(t, h, "/", nil).Body, site.Brand.Logo) {
		t.Error("the page does not know the logo")
	}
	var without Site
	if err := json.Unmarshal([]byte(fetch(t, start(t), "/api/site", nil).Body), &without); err != nil || without.Brand.Logo != "" || without.Brand.Colours != nil {
		t.Errorf("got %+v, %v, want neither logo nor colours where none are set", without.Brand, err)
	}
}

// The texts of an operator are shown as text, whatever they contain.
func TestNoSettingBreaksOutOfThePage(t *testing.T) {
	const bad = `</script><script>alert(1)</script><!--<b>"'&`
	h := start(t, func(s *Server) {
		both := Both{bad, bad}
		s.Site.Announcement, s.Site.MailboxHelp = &both, &both
		s.Site.Brand.Name = both
		s.Site.HelpDesk = HelpDesk{Name: both, Phone: bad, Hours: both, Mail: bad, URL: "javascript:alert(1)"}
	})
	page := fetch(t, h, "/", nil).Body
	if got, want := strings.Count(page, "<script"), 1; got != want {
		t.Errorf("got %d scripts, want %d: %s", got, want, page)
	}
	if strings.Contains(page, "<!--") || strings.Contains(page, "<b>") || strings.Contains(page, `href="javascript:`) {
		t.Errorf("a setting broke out: %s", page)
	}
	var site Site
	if err := json.Unmarshal([]byte(fetch(t, h, "/api/site", nil).Body), &site); err != nil || site.Announcement.JA != bad {
		t.Errorf("got %q, %v, want the words as they were", site.Announcement, err)
	}
}

func TestThePageWithoutScriptShowsTheHelpDeskInBothLanguages(t *testing.T) {
	page := fetch(t, start(t), "/", nil).Body
	for _, want := range []string{
		`<section class="help-desk" lang="ja">`, `<section class="help-desk" lang="en">`, "ヘルプデスク", "Help desk",
		`電話 <a href="tel:0120000000">0120-000-000</a>`, `Phone <a href="tel:0120000000">0120-000-000</a>`,
		`<a href="mailto:help@example.jp">help@example.jp</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s: %s", want, page)
		}
	}
	if strings.Contains(page, "受付時間") || strings.Contains(page, helpDeskMarker) {
		t.Errorf("the page shows what is not set: %s", page)
	}
}

func TestThePageWithoutScriptShowsBrandAndCopyrightAsText(t *testing.T) {
	page := fetch(t, start(t, func(s *Server) {
		s.Site.Brand = Brand{Name: Both{JA: "A&B <i>", EN: "A"}, Copyright: "© A&B"}
	}), "/", nil).Body
	for _, want := range []string{`<p>A&amp;B &lt;i&gt;</p>`, `<small>© A&amp;B</small>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s: %s", want, page)
		}
	}
}

func TestWithoutABuiltAppThePagesSayHowToBuildIt(t *testing.T) {
	for name, app := range map[string]fstest.MapFS{
		"a fresh clone":       {".gitkeep": {}},
		"an empty folder":     {},
		"a foreign page":      {"index.html": {Data: []byte("<html></html>")}},
		"a marker is missing": {"index.html": {Data: []byte(siteMarker)}},
	} {
		h := start(t, func(s *Server) { s.App = app })
		for _, path := range []string{"/", "/recover", "/member"} {
			if got := fetch(t, h, path, browserHeader); got.Status != 503 || !strings.Contains(got.Body, "npm run build") {
				t.Errorf("%s, %s: got %d %.60q, want 503 and how to build", name, path, got.Status, got.Body)
			}
		}
		if got := fetch(t, h, "/nothing", browserHeader); got.Status != 404 || got.problem() == nil {
			t.Errorf("%s: got %d, want 404", name, got.Status)
		}
		if got := fetch(t, h, "/api/site", nil); got.Status != 200 {
			t.Errorf("%s: the API answers %d, want 200", name, got.Status)
		}
	}
}
