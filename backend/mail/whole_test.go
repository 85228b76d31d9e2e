package mail

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// maxWhole bounds a message with its header and both parts, so that it opens at once on a slow line.
const maxWhole = 20 << 10

func TestAWholeLetterIsSmallAndItsLinesAreShort(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		raw := mustCompose(t, write(t, exampleBrand, c))
		if len(raw) > maxWhole {
			t.Errorf("got %d bytes, want %d at most", len(raw), maxWhole)
		}
		for line := range strings.SplitSeq(raw, "\r\n") {
			if len(line) > 76 {
				t.Errorf("got a line of %d bytes: %q", len(line), line)
			}
		}
	})
}

// The order is the same at every try, so that a letter that is sent again is identical.
func TestHeadersStandOnceAndInOneOrder(t *testing.T) {
	want := []string{
		"Auto-Submitted", "Date", "MIME-Version", "Message-ID", "Subject", "X-Auto-Response-Suppress", "From", "To", "Content-Type",
	}
	eachLetter(t, func(t *testing.T, c Content) {
		head, _, _ := strings.Cut(mustCompose(t, write(t, exampleBrand, c)), "\r\n\r\n")
		var got []string
		for line := range strings.SplitSeq(head, "\r\n") {
			if name, _, found := strings.Cut(line, ":"); found && !strings.HasPrefix(line, " ") {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got headers %q, want %q", got, want)
		}
	})
}

// visibleLines returns the visible text of the HTML part, a line for each block.
func visibleLines(t *testing.T, text string) []string {
	t.Helper()
	document, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for node := range document.Descendants() {
		if node.Type != html.TextNode || slices.Contains([]string{"style", "title"}, node.Parent.Data) {
			continue
		}
		if line := strings.TrimSpace(node.Data); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestBothPartsHoldTheSameFacts(t *testing.T) {
	eachLetter(t, func(t *testing.T, c Content) {
		message, d := write(t, exampleBrand, c), dictionaries[c.Language]
		inHTML := visibleLines(t, message.HTML)
		for line := range strings.SplitSeq(message.Text, "\n") {
			line = strings.TrimPrefix(line, d.bullet)
			if name, found := strings.CutPrefix(line, "("); found {
				line = strings.TrimSuffix(name, ")") // what a label means
			}
			if strings.Trim(line, "-") != "" && !slices.Contains(inHTML, line) {
				t.Errorf("got %q in the text part alone", line)
			}
		}
		look := map[string]bool{exampleBrand.In(c.Language).Name: true, d.linkBelow: true} // the subject has the brand
		for _, say := range []noticeWords{d.passwordChanged, d.newAddress, d.formerAddress} {
			look[say.heading], look[say.disavow], look[say.atName], look[say.addressName] = true, true, true, true
		}
		look[d.passwordVoided.heading], look[d.passwordVoided.button] = true, true
		look[d.temporaryPassword.heading], look[d.temporaryPassword.button], look[d.temporaryPassword.expiryName] = true, true, true
		for _, line := range inHTML {
			if !look[line] && !strings.Contains(message.Text, line) {
				t.Errorf("got %q in the HTML part alone", line)
			}
		}
	})
}
