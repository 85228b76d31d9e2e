package mail

import (
	"strings"

	"aikagi/backend/recovery"
)

// Brand is the operator's name, contact data and colours in letters. Empty fields are not shown.
type Brand struct {
	// PublicURL is the address of the service. Every link begins with it. It never comes from a request, which could
	// redirect the links.
	PublicURL string
	// Sender is the address that letters come from; empty in demo mode.
	Sender            string
	Japanese, English BrandWords
	// Phone, Mail and URL are the help desk's.
	Phone, Mail, URL string
	Colours          *Colours // nil: the colours of the template
}

// Colours are the colours of letters in light and in dark mode, as #rrggbb.
type Colours struct{ Light, Dark Shades }

// Shades are the key colour, a pale background on which text in the key colour or black is readable, and the colour of text
// on the key colour.
type Shades struct{ Key, Pale, On string }

// templateColours are the colours in the source of the template.
var templateColours = Colours{
	Light: Shades{Key: "#0017c1", Pale: "#e8f1fe", On: "#ffffff"},
	Dark:  Shades{Key: "#9db7f9", Pale: "#26304d", On: "#000060"},
}

// apply replaces the colours of the template, except Light.On. That is white, and the template uses the same white for the
// background of the page.
func (c *Colours) apply(template string) string {
	if c == nil {
		return template
	}
	own := templateColours
	return strings.NewReplacer(
		own.Light.Key, c.Light.Key, own.Light.Pale, c.Light.Pale,
		own.Dark.Key, c.Dark.Key, own.Dark.Pale, c.Dark.Pale, own.Dark.On, c.Dark.On,
	).Replace(template)
}

// BrandWords are the parts of a Brand that depend on the language.
type BrandWords struct {
	Name     string // of the service, also in the subject
	Company  string
	HelpDesk string // the name of the help desk
	Hours    string // when the help desk can be reached
}

// In returns the words in a language.
func (b Brand) In(language recovery.Language) BrandWords {
	if language == recovery.English {
		return b.English
	}
	return b.Japanese
}
