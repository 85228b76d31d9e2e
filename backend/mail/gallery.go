package mail

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"aikagi/backend/recovery"
)

//go:embed templates/gallery.html
var gallerySource string

var galleryTemplate = template.Must(template.New("gallery").Parse(gallerySource))

// galleryLetter is one letter in the gallery, in light and dark colours.
type galleryLetter struct {
	Base        string // of the names of its files
	Language    recovery.Language
	Subject     string
	Light, Dark string
	Text        string
}

// A letter follows the colour scheme of the reader's screen. The gallery shows both schemes on any screen.
var (
	onlyLight = strings.NewReplacer("(prefers-color-scheme: dark)", "not all", "color-scheme: light dark", "color-scheme: light")
	onlyDark  = strings.NewReplacer("(prefers-color-scheme: dark)", "all", "color-scheme: light dark", "color-scheme: dark")
)

func newGalleryLetter(base string, language recovery.Language, m Message) galleryLetter {
	return galleryLetter{base, language, m.Subject, onlyLight.Replace(m.HTML), onlyDark.Replace(m.HTML), m.Text}
}

// gallery makes the page that shows all letters. It links to the files beside it, and loads nothing by itself.
func gallery(letters []galleryLetter) ([]byte, error) {
	var page bytes.Buffer
	if err := galleryTemplate.Execute(&page, letters); err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	return page.Bytes(), nil
}
