package mail

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"aikagi/backend/recovery"
)

const maxHTML = 20 << 10 // Gmail cuts a letter off at 102 KB; a small one opens at once on a slow line

// eachElement parses an HTML part as a mail program does.
func eachElement(t *testing.T, text string, see func(node *html.Node)) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for node := range document.Descendants() {
		if node.Type == html.ElementNode {
			see(node)
		}
	}
}

func attribute(node *html.Node, key string) string {
	for _, attribute := range node.Attr {
		if attribute.Key == key {
			return attribute.Val
		}
	}
	return ""
}

func TestALetterLoadsNothingFromAnywhere(t *testing.T) {
	harmless := map[string]bool{}
	for _, name := range strings.Fields("html head meta title style body table tbody tr td h1 h2 p span ul li div a b br") {
		harmless[name] = true
	}
	eachLetter(t, func(t *testing.T, c Content) {
		message := write(t, exampleBrand, c)
		eachElement(t, message.HTML, func(node *html.Node) {
			if !harmless[node.Data] {
				t.Errorf("got a <%s>", node.Data)
			}
			for _, key := range []string{"src", "srcset", "background", "poster"} {
				if attribute(node, key) != "" {
					t.Errorf("got %s on a <%s>", key, node.Data)
				}
			}
			if href := attribute(node, "href"); href != "" && !strings.HasPrefix(href, "https://support.example.jp/") &&
				href != exampleBrand.URL && href != "mailto:"+exampleBrand.Mail && href != "tel:0120000000" {
				t.Errorf("got a link to %s", href)
			}
		})
		for _, load := range []string{"url(", "@import", "expression("} {
			if strings.Contains(message.HTML, load) {
				t.Errorf("got %s in the styles", load)
			}
		}
		if len(message.HTML) > maxHTML {
			t.Errorf("got %d bytes, want %d at most", len(message.HTML), maxHTML)
		}
	})
}

func TestALetterCanBeReadByEveryone(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		message := write(t, exampleBrand, c)
		headings := 0
		eachElement(t, message.HTML, func(node *html.Node) {
			switch node.Data {
			case "html":
				if got := attribute(node, "lang"); got != string(c.Language) {
					t.Errorf("got lang %q, want %q", got, c.Language)
				}
			case "table":
				if got := attribute(node, "role"); got != "presentation" {
					t.Errorf("got a table with role %q, want presentation", got)
				}
			case "h1":
				headings++
			}
		})
		if headings != 1 {
			t.Errorf("got %d main headings, want 1", headings)
		}
		for _, want := range []string{`<meta name="color-scheme" content="light dark">`, "@media (prefers-color-scheme: dark)", `<meta charset="utf-8">`} {
			if !strings.Contains(message.HTML, want) {
				t.Errorf("got no %s", want)
			}
		}
	})
}

func TestTheTemporaryPasswordIsSelectedWhole(t *testing.T) {
	found := false
	eachElement(t, write(t, exampleBrand, example(recovery.TemporaryPasswordLetter, recovery.English)).HTML, func(node *html.Node) {
		if attribute(node, "class") != "secret" {
			return
		}
		found = true
		if node.FirstChild == nil || node.FirstChild != node.LastChild || node.FirstChild.Data != "Kd7mPw3xR" {
			t.Error("got more than the bare temporary password in its cell")
		}
		if style := attribute(node, "style"); !strings.Contains(style, "user-select:all") || !strings.Contains(style, "monospace") {
			t.Errorf("got style %q, want monospace and selected whole", style)
		}
		if got := attribute(node, "translate"); got != "no" {
			t.Errorf("got translate %q, want no: a browser would translate it", got)
		}
	})
	if !found {
		t.Error("got no temporary password")
	}
}

func TestOnlyATelephoneNumberCanBeDialled(t *testing.T) {
	for phone, want := range map[string]string{
		"0120-000-000":              "tel:0120000000",
		"０１２０（０００）０００":              "tel:0120000000",
		"+81 3 1234 5678 (Tokyo)":   "tel:+81312345678",
		"0120-000-000／03-1234-5678": "",
		"お電話では承っておりません":             "",
		"": "",
	} {
		if got := telLink(phone); got != want {
			t.Errorf("%s: got %q, want %q", phone, got, want)
		}
	}
}

// CVE-2022-1274: text that a user has entered becomes HTML of a letter.
func TestMarkupInTheBrandStaysText(t *testing.T) {
	const nasty = "<b>&\"IMS\"</b>\u2028\r\n\r\n【仮パスワード】\r\nEvil99999\r\nBcc: thief@example.org\r\n<img src=https://evil.example>"
	words := BrandWords{Name: nasty, Company: nasty, HelpDesk: nasty, Hours: nasty}
	brand := Brand{PublicURL: "https://support.example.jp", Japanese: words, English: words, Phone: nasty, Mail: nasty, URL: "javascript:alert(1)"}
	eachLetter(t, func(t *testing.T, c Content) {
		c.Receipt = nasty
		message := write(t, brand, c)
		eachElement(t, message.HTML, func(node *html.Node) {
			if node.Data == "img" {
				t.Error("got an image out of a brand's name")
			}
			if href := attribute(node, "href"); strings.HasPrefix(href, "javascript:") {
				t.Errorf("got a link to %s", href)
			}
		})
		labels := 0
		for line := range strings.SplitSeq(message.Text, "\n") {
			if line == temporaryPasswordLabel {
				labels++
			}
			if strings.TrimSpace(line) == "Evil99999" || strings.HasPrefix(line, "Bcc") {
				t.Errorf("got a line of the brand's making: %q", line)
			}
		}
		if c.Kind == recovery.TemporaryPasswordLetter && labels != 1 {
			t.Errorf("got %d labels, want 1", labels)
		}
		if !strings.Contains(message.Text, `<b>&"IMS"</b>`) {
			t.Errorf("got %q, want the text as it was set", message.Text)
		}
		if strings.ContainsAny(message.Subject, "\r\n\u2028") {
			t.Errorf("got subject %q, want one line", message.Subject)
		}
		got := headers(t, mustCompose(t, message))
		if len(got["Bcc"]) != 0 || len(got) != 9 {
			t.Errorf("got headers %v, want no new one", got)
		}
	})
}
