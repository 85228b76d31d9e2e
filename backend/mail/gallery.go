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

// shown is a letter in the gallery, side by side in every look.
type shown struct {
	Base        string // of its files' names
	Language    recovery.Language
	Subject     string
	Light, Dark string
	Text        string
}

// A letter follows its reader's screen; in the gallery it is made to have one look, whatever screen shows it.
var (
	onlyLight = strings.NewReplacer("(prefers-color-scheme: dark)", "not all", "color-scheme: light dark", "color-scheme: light")
	onlyDark  = strings.NewReplacer("(prefers-color-scheme: dark)", "all", "color-scheme: light dark", "color-scheme: dark")
)

func show(base string, language recovery.Language, m Message) shown {
	return shown{base, language, m.Subject, onlyLight.Replace(m.HTML), onlyDark.Replace(m.HTML), m.Text}
}

// gallery makes the page that shows all letters. It loads nothing but the files beside it, and those when asked.
func gallery(letters []shown) ([]byte, error) {
	var page bytes.Buffer
	if err := galleryTemplate.Execute(&page, letters); err != nil {
		return nil, fmt.Errorf("gallery: %w", err)
	}
	return page.Bytes(), nil
}
