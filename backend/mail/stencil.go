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

// stencil is a letter of one form, cut where its own values stand. Hermes reads its templates anew for every letter,
// which takes longer than all else about one; with a stencil it does so once for each form.
//
// A value is put in between two pieces. So no value can hold what another one fills, and nothing is escaped: only values
// that stand in every part of a letter as they are go into a stencil (see isPlain); a letter with any other is rendered by
// Hermes.
type stencil struct {
	subject     string
	plain, html []piece
}

// piece is a text that all letters of a form have in common, and which of the letter's own values follows it. The last
// one has no value.
type piece struct {
	text  string
	value int
}

var errNotPlain = errors.New("a value does not stand in every part of a letter as it is")

// newStencils makes a stencil of each form when it is first used.
func (w *Writer) newStencils() map[form]func() (stencil, error) {
	all := make(map[form]func() (stencil, error))
	for language := range dictionaries {
		for _, kind := range kinds {
			f := form{kind, language}
			all[f] = sync.OnceValues(func() (stencil, error) { return w.cut(f) })
		}
	}
	return all
}

// fill writes a letter with its stencil.
func (w *Writer) fill(f form, values own) (written, error) {
	made, known := w.stencils[f]
	if !known {
		return written{}, errNotPlain
	}
	s, err := made()
	if err != nil {
		return written{}, err
	}
	list := values.list()
	if !s.takes(list) {
		return written{}, errNotPlain
	}
	return written{s.subject, join(s.plain, list), join(s.html, list)}, nil
}

// cut has a letter rendered whose values are marks that nothing else in it can hold, and cuts it there.
func (w *Writer) cut(f form) (stencil, error) {
	marks := own{rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text(), rand.Text()}
	text, err := w.render(f, marks)
	if err != nil {
		return stencil{}, fmt.Errorf("make a stencil: %w", err)
	}
	return stencil{text.subject, split(text.plain, marks.list()), split(text.html, marks.list())}, nil
}

// split cuts a text where marks stand.
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

// join puts the values in between the pieces.
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

// list gives the values in one order.
func (o own) list() []string {
	return []string{o.asked, o.receipt, o.password, o.stamp, o.spelled, o.address, o.link}
}

// takes says that the values which the stencil has places for stand in every part of a letter as they are.
func (s stencil) takes(values []string) bool {
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

// isPlainValue says that HTML and the text part hold a text as it is: letters and digits, the marks of our dates and of
// masked addresses, and single spaces between them. A dot at the start moves in the text part.
func isPlainValue(text string) bool {
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" :,.-_@•（）", r) {
			return false
		}
	}
	return text != "" && !strings.HasPrefix(text, ".") && strings.TrimSpace(text) == text && !strings.Contains(text, "  ")
}

// isPlainLink says that a link holds a text as it is, percent-encoding and all.
func isPlainLink(text string) bool {
	for _, r := range text {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return false
		}
	}
	return text != ""
}
