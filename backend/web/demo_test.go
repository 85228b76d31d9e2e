package web

import (
	"encoding/json"
	"strings"
	"testing"

	"aikagi/backend/mail"
)

func TestTheMailboxOfTheDemoShowsLetters(t *testing.T) {
	h := start(t, withDemo)
	own := map[string]string{"Host": "localhost:8080"}
	if got := fetch(t, h, "/demo/letters", own); got.Body != "[]" {
		t.Errorf("got %s, want an empty list", got.Body)
	}
	for _, subject := range []string{"first", "<b>second</b>"} {
		err := h.Mailbox.Send(t.Context(), mail.Message{
			To: "abcd@xxx.mm-m.ne.jp", Subject: subject, Text: "text of " + subject, Date: now,
			HTML: `<html><head><title>t</title></head><body style="color:red">` + subject[:1] + `<a href="https://x">x</a></body></html>`,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var letters []map[string]string
	if err := json.Unmarshal([]byte(fetch(t, h, "/demo/letters", own).Body), &letters); err != nil {
		t.Fatal(err)
	}
	if len(letters) != 2 || letters[0]["subject"] != "<b>second</b>" || letters[1]["at"] != "2026-04-01T09:30:00Z" || letters[0]["to"] != "abcd@xxx.mm-m.ne.jp" {
		t.Errorf("got %v, want two letters, newest first", letters)
	}
	page := fetch(t, h, "/demo/mailbox", own)
	if page.Header.Get("Content-Security-Policy") != mailboxCSP || strings.Contains(page.Body, "<b>") || strings.Contains(page.Body, "style=") {
		t.Errorf("got %v %s", page.Header, page.Body)
	}
	newer, older := strings.Index(page.Body, "text of &lt;b&gt;second"), strings.Index(page.Body, "text of first")
	if newer < 0 || older < newer {
		t.Errorf("got the newer at %d, the older at %d: %s", newer, older, page.Body)
	}
	_, rest, _ := strings.Cut(page.Body, `src="`)
	frame, _, _ := strings.Cut(rest, `"`)
	run(t, h.base, []scenario{
		{
			Name: "a letter's HTML", Method: "GET", Path: frame, Header: own, Status: 200,
			Want:  map[string]string{"Content-Security-Policy": letterCSP, "X-Frame-Options": "SAMEORIGIN", "Content-Type": htmlType},
			Holds: `<html><head><base target="_blank"><title>t</title></head><body style="color:red">`,
		},
		{Name: "no letter", Method: "GET", Path: "/demo/letters/0123456789abcdef.html", Header: own, Status: 404, Code: "not_found"},
		{Name: "the style", Method: "GET", Path: "/demo/mailbox.css", Header: own, Status: 200, Want: map[string]string{"Content-Type": "text/css; charset=utf-8"}},
		{Name: "the site", Method: "GET", Path: "/api/site", Header: own, Status: 200, Holds: `"demo":true`},
		{Name: "no HSTS", Method: "GET", Path: "/", Header: own, Status: 200, Want: map[string]string{"Strict-Transport-Security": ""}},
	})
}
