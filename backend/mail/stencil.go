package mail

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// stencil is a rendered letter of one [form] (a kind of letter in a language) with gaps for its values. Hermes parses its
// templates for every letter, which takes longer than everything else about a letter. With a stencil, Hermes renders each
// form only once.
//
// fill writes the values into the gaps without escaping them. So it takes only values that need no escaping in any part of a
// letter: see isPlainValue and isPlainLink. Hermes renders a letter with any other value.
type stencil struct {
	subject     string
	plain, html []piece
}

// piece is a text that all letters of a form have in common, and the index of the value that follows it; -1 for the last
// piece, which no value follows.
type piece struct {
	text  string
	value int
}

var errNotPlain = errors.New("a value needs escaping")

// newStencils returns functions that make the stencil of each form when it is first used.
func (w *Writer) newStencils() map[form]func() (stencil, error) {
	all := make(map[form]func() (stencil, error))
	for language := range dictionaries {
		for _, kind := range kinds {
			f := form{kind, language}
			all[f] = sync.OnceValues(func() (stencil, error) { return w.newStencil(f) })
		}
	}
	return all
}

// fill writes a letter with its stencil.
func (w *Writer) fill(f form, own values) (rendered, error) {
	made, known := w.stencils[f]
	if !known {
		return rendered{}, errNotPlain
	}
	s, err := made()
	if err != nil {
		return rendered{}, err
	}
	list := own.list()
	if !s.fits(list) {
		return rendered{}, errNotPlain
	}
	return rendered{s.subject, join(s.plain, list), join(s.html, list)}, nil
}

// newStencil renders a letter whose values are random marks, and splits it at the marks.
func (w *Writer) newStencil(f form) (stencil, error) {
	marks := values{rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text()}
	text, err := w.render(f, marks)
	if err != nil {
		return stencil{}, fmt.Errorf("make a stencil: %w", err)
	}
	return stencil{text.subject, split(text.plain, marks.list()), split(text.html, marks.list())}, nil
}

// split splits a text at the marks.
func split(text string, marks []string) (pieces []piece) {
	for {
		at, value := len(text), -1
		for i, mark := range marks {
			if found := strings.Index(text, mark); found >= 0 && found < at {
				at, value = found, i
			}
		}
		pieces = append(pieces, piece{text[:at], value})
		if value < 0 {
			return pieces
		}
		text = text[at+len(marks[value]):]
	}
}

// join writes the values between the pieces.
func join(pieces []piece, values []string) string {
	var whole strings.Builder
	for _, p := range pieces {
		whole.WriteString(p.text)
		if p.value >= 0 {
			whole.WriteString(values[p.value])
		}
	}
	return whole.String()
}

// list returns the values in a fixed order. The link is the last.
func (o values) list() []string {
	return []string{o.asked, o.receipt, o.password, o.stamp, o.spelled, o.address, o.link}
}

// fits reports whether the values for the gaps of the stencil need no escaping.
func (s stencil) fits(values []string) bool {
	for _, p := range slices.Concat(s.plain, s.html) {
		switch {
		case p.value < 0:
		case p.value == len(values)-1: // the link's
			if !isPlainLink(values[p.value]) {
				return false
			}
		case !isPlainValue(values[p.value]):
			return false
		}
	}
	return true
}

// isPlainValue reports whether Hermes would write a text into the HTML part and into the text part without any change.
// Such a text has only letters, digits, the punctuation of dates and masked addresses, and single spaces between them. It
// does not begin with a dot, because Hermes moves a dot at the start in the text part.
func isPlainValue(text string) bool {
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" :,.-_@•（）", r) {
			return false
		}
	}
	return text != "" && !strings.HasPrefix(text, ".") && strings.TrimSpace(text) == text && !strings.Contains(text, "  ")
}

// isPlainLink reports whether a text needs no percent-encoding in a link.
func isPlainLink(text string) bool {
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return false
		}
	}
	return text != ""
}
