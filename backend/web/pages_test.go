package web

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"aikagi/backend/web/webtest"
)

var asAPerson = map[string]string{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

func TestTheAppsOwnAddressesGetItsPage(t *testing.T) {
	h := start(t)
	for path, want := range map[string]int{
		"/": 200, "/recover": 200, "/recover/done": 200, "/member": 200, "/disavow": 200,
		"/recover/" + waitingID:               200,
		"/recover/" + waitingID + "/password": 200,
		// Nobody's: the app's page too, so that a person sees more than a code, but not as if it were there.
		"/recover/abcd":                   404,
		"/recover/abcd/password":          404,
		"/recover/" + waitingID + "/more": 404,
		"/recover/":                       404,
		"/disavow/abcd":                   404,
		"/Member":                         404,
		"/nothing":                        404,
		"/recovery/x.html":                404,
	} {
		got := ask(t, h, path, asAPerson)
		if got.Status != want || !strings.Contains(got.Body, `<div id="app">`) || got.Header.Get("Content-Type") != htmlType ||
			got.Header.Get("Content-Security-Policy") != pageCSP {
			t.Errorf("%s: got %d %s, want %d and the page", path, got.Status, got.Header.Get("Content-Type"), want)
		}
		if head := webtest.Ask(t, h.base, webtest.Scenario{Method: "HEAD", Path: path, Header: asAPerson}); head.Status != want || head.Body != "" {
			t.Errorf("HEAD %s: got %d, want %d", path, head.Status, want)
		}
	}
	for _, path := range []string{"/api", "/api/nothing", "/assets/nothing.js", "/.well-known/nothing", "/demo/nothing", "/demo"} {
		if got := ask(t, h, path, asAPerson); got.Status != 404 || got.Problem() == nil {
			t.Errorf("%s: got %d %.40q, want a problem", path, got.Status, got.Body)
		}
	}
	if got := ask(t, h, "/nothing", map[string]string{"Accept": "application/json"}); got.Problem() == nil {
		t.Errorf("asked by a program: got %.40q, want a problem", got.Body)
	}
}

// With no-store, browsers would not bring a page back at once when a member goes back.
func TestThePageIsKeptAndAskedForAnew(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/", "/member", "/recover/" + waitingID} {
		for _, encoding := range []string{"br", "gzip", "identity"} {
			first := ask(t, h, path, map[string]string{"Accept-Encoding": encoding})
			tag := first.Header.Get("ETag")
			if first.Status != 200 || first.Header.Get("Cache-Control") != "no-cache" || tag == "" {
				t.Fatalf("%s as %s: got %d, %q, tag %q; want 200, no-cache and a tag", path, encoding, first.Status, first.Header.Get("Cache-Control"), tag)
			}
			unchanged := map[string]string{"Accept-Encoding": encoding, "If-None-Match": tag}
			again := ask(t, h, path, unchanged)
			if again.Status != 304 || again.Body != "" || again.Header.Get("ETag") != tag || again.Header.Get("Content-Security-Policy") != pageCSP {
				t.Errorf("%s as %s, unchanged: got %d with %d bytes, tag %q; want 304 with the same headers", path, encoding, again.Status, len(again.Body), again.Header.Get("ETag"))
			}
			site := h.Site
			site.Announcement = &Both{JA: path + encoding, EN: path + encoding}
			h.Refresh(site)
			if changed := ask(t, h, path, unchanged); changed.Status != 200 {
				t.Errorf("%s as %s, with another announcement: got %d, want 200", path, encoding, changed.Status)
			}
		}
	}
	missing := ask(t, h, "/nothing", map[string]string{"Accept": "text/html", "If-None-Match": "*"})
	if missing.Status != 404 || missing.Header.Get("ETag") != "" || missing.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("no page: got %d, tag %q, %q; want 404, stored nowhere", missing.Status, missing.Header.Get("ETag"), missing.Header.Get("Cache-Control"))
	}
}

func TestThePageHoldsTheSitesSettings(t *testing.T) {
	h := start(t)
	_, rest, found := strings.Cut(ask(t, h, "/", nil).Body, `<script type="application/json" id="site">`)
	inPage, _, closed := strings.Cut(rest, "</script>")
	if !found || !closed {
		t.Fatalf("the page has no settings: %s", rest)
	}
	if called := ask(t, h, "/api/site", nil).Body; inPage != called {
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

// Who comes to another page than login needs the other screens: without this they are asked for a round trip later.
func TestOnlyPagesThatNeedTheOtherScreensFetchThemAtOnce(t *testing.T) {
	h := start(t)
	const link = `<link rel="modulepreload" href="/assets/rest-Cd_4.js">`
	for path, want := range map[string]int{"/": 0, "/recover": 1, "/member": 1, "/disavow": 1, "/recover/" + waitingID: 1, "/nothing": 1} {
		if got := strings.Count(ask(t, h, path, asAPerson).Body, link); got != want {
			t.Errorf("%s: got the other screens' script fetched %d times, want %d", path, got, want)
		}
	}
}

func TestTheOperatorsLogoIsAFileOfTheApp(t *testing.T) {
	const picture = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	h := start(t, func(s *Server) { s.Logo = &Logo{".svg", []byte(picture)} })
	var site Site
	if err := json.Unmarshal([]byte(ask(t, h, "/api/site", nil).Body), &site); err != nil {
		t.Fatal(err)
	}
	got := ask(t, h, site.Brand.Logo, nil)
	if got.Status != 200 || got.Body != picture || got.Header.Get("Content-Type") != "image/svg+xml" || got.Header.Get("Cache-Control") != keepForever {
		t.Errorf("%s: got %d %s %q, want the picture", site.Brand.Logo, got.Status, got.Header.Get("Content-Type"), got.Body)
	}
	// Opened as a page of its own, a picture could run scripts.
	if policy := got.Header.Get("Content-Security-Policy"); policy != bareCSP {
		t.Errorf("got the policy %q, want %q", policy, bareCSP)
	}
	if !strings.Contains(ask(t, h, "/", nil).Body, site.Brand.Logo) {
		t.Error("the page does not know the logo")
	}
	var without Site
	if err := json.Unmarshal([]byte(ask(t, start(t), "/api/site", nil).Body), &without); err != nil || without.Brand.Logo != "" || without.Brand.Colours != nil {
		t.Errorf("got %+v, %v, want neither logo nor colours where none are set", without.Brand, err)
	}
}

// An operator's words are words, whatever is in them.
func TestNoSettingBreaksOutOfThePage(t *testing.T) {
	const bad = `</script><script>alert(1)</script><!--<b>"'&`
	h := start(t, func(s *Server) {
		both := Both{bad, bad}
		s.Site.Announcement, s.Site.MailboxHelp = &both, &both
		s.Site.Brand.Name = both
		s.Site.HelpDesk = HelpDesk{Name: both, Phone: bad, Hours: both, Mail: bad, URL: "javascript:alert(1)"}
	})
	page := ask(t, h, "/", nil).Body
	if got, want := strings.Count(page, "<script"), 1; got != want {
		t.Errorf("got %d scripts, want %d: %s", got, want, page)
	}
	if strings.Contains(page, "<!--") || strings.Contains(page, "<b>") || strings.Contains(page, `href="javascript:`) {
		t.Errorf("a setting broke out: %s", page)
	}
	var site Site
	if err := json.Unmarshal([]byte(ask(t, h, "/api/site", nil).Body), &site); err != nil || site.Announcement.JA != bad {
		t.Errorf("got %q, %v, want the words as they were", site.Announcement, err)
	}
}

func TestTheFallbackShowsTheHelpDeskInBothLanguages(t *testing.T) {
	page := ask(t, start(t), "/", nil).Body
	for _, want := range []string{
		`<section class="help-desk" lang="ja">`, `<section class="help-desk" lang="en">`, "ヘルプデスク", "Help desk",
		`電話 <a href="tel:0120000000">0120-000-000</a>`, `Phone <a href="tel:0120000000">0120-000-000</a>`,
		`<a href="mailto:help@example.jp">help@example.jp</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s: %s", want, page)
		}
	}
	if strings.Contains(page, "受付時間") || strings.Contains(page, helpDeskMarker) {
		t.Errorf("the page shows what is not set: %s", page)
	}
}

func TestTheFallbackShowsBrandAndCopyrightAsText(t *testing.T) {
	page := ask(t, start(t, func(s *Server) {
		s.Site.Brand = Brand{Name: Both{JA: "A&B <i>", EN: "A"}, Copyright: "© A&B"}
	}), "/", nil).Body
	for _, want := range []string{`<p>A&amp;B &lt;i&gt;</p>`, `<small>© A&amp;B</small>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s: %s", want, page)
		}
	}
}

func TestWithoutABuildThePagesSayHowToBuild(t *testing.T) {
	for name, app := range map[string]fstest.MapFS{
		"a fresh clone":     {".gitkeep": {}},
		"nothing at all":    {},
		"a foreign page":    {"index.html": {Data: []byte("<html></html>")}},
		"half of the marks": {"index.html": {Data: []byte(siteMarker)}},
	} {
		h := start(t, func(s *Server) { s.App = app })
		for _, path := range []string{"/", "/recover", "/member"} {
			if got := ask(t, h, path, asAPerson); got.Status != 503 || !strings.Contains(got.Body, "npm run build") {
				t.Errorf("%s, %s: got %d %.60q, want 503 and how to build", name, path, got.Status, got.Body)
			}
		}
		if got := ask(t, h, "/nothing", asAPerson); got.Status != 404 || got.Problem() == nil {
			t.Errorf("%s: got %d, want 404", name, got.Status)
		}
		if got := ask(t, h, "/api/site", nil); got.Status != 200 {
			t.Errorf("%s: the API answers %d, want 200", name, got.Status)
		}
	}
}
