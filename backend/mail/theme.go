package mail

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/matcornic/hermes/v2"

	"aikagi/backend/recovery"
)

//go:embed templates/letter.html
var htmlSource string

// htmlTemplate is the source with the rules of its first style element written into the elements that have their
// class: many mail programs know no style element. It is done once. Hermes would do it to every letter, which takes
// longer than everything else about a letter.
var htmlTemplate = sync.OnceValue(func() string { return inlineStyles(htmlSource) })

var (
	firstStyle = regexp.MustCompile(`(?s)<style>\n(.*?)</style>\n`)
	styleRule  = regexp.MustCompile(`(?m)^\.([a-z]+) \{ (.*); \}$`)
	compact    = strings.NewReplacer("; ", ";", ": ", ":")
)

func inlineStyles(source string) string {
	block := firstStyle.FindStringSubmatch(source)
	source = strings.Replace(source, block[0], "", 1)
	for _, rule := range styleRule.FindAllStringSubmatch(block[1], -1) {
		class := `class="` + rule[1] + `"`
		source = strings.ReplaceAll(source, class, class+` style="`+compact.Replace(rule[2])+`"`)
	}
	return source
}

// textTemplate is HTML as well: Hermes turns it into plain text. There only <br> ends a line, so no value can
// begin a line of its own, whatever line breaks it holds.
//
//go:embed templates/letter.txt.html
var textTemplate string

// theme is our own Hermes theme. What Hermes has a word for (greeting, intros, actions, outros) is in the
// hermes.Body; what it has none for is here, so one theme belongs to one letter.
type theme struct {
	html      string // the template of the HTML part
	Language  recovery.Language
	Facts     []fact
	Sections  []section
	LinkBelow string
	Bullet    string
	Quiet     bool // the button is for few readers: outlined, not filled
	Signature signature
}

// fact is a labelled line to be found at a glance and copied: the label alone, then the value alone.
type fact struct {
	Label  string // in Japanese always
	Name   string // what the label means, in a letter that is not in Japanese; Spoken says it in the text part
	Value  string
	Spoken string // the value in friendlier words, on the next line
	Secret bool   // shown large, and selected whole by one long press
}

// section is a heading with paragraphs or a list under it.
type section struct {
	Heading    string
	Paragraphs []string
	Items      []string
}

// signature says who writes and how to reach them; what is empty is not shown.
type signature struct {
	Company, HelpDesk, Phone, Hours, Mail, URL string
	// Dial is the tel: link of Phone. Templates take no such link for safe, so it holds nothing but digits and +.
	Dial string
}

// Name names the theme.
func (theme) Name() string { return "aikagi" }

// HTMLTemplate gives the template of the HTML part. Its second style element stays, for what has to depend on the
// reader's screen.
func (t theme) HTMLTemplate() string { return t.html }

// PlainTextTemplate gives the template of the text part.
func (theme) PlainTextTemplate() string { return textTemplate }

// render makes both parts. It takes the theme by value and makes a hermes.Hermes of its own: Hermes writes its
// defaults into the one it is given, which is a data race when two letters share one.
func (t theme) render(product hermes.Product, body hermes.Body) (html, text string, err error) {
	letter := hermes.Hermes{Theme: t, Product: product, DisableCSSInlining: true}
	if html, err = letter.GenerateHTML(hermes.Email{Body: body}); err != nil {
		return "", "", fmt.Errorf("write the HTML part: %w", err)
	}
	if text, err = letter.GeneratePlainText(hermes.Email{Body: body}); err != nil {
		return "", "", fmt.Errorf("write the text part: %w", err)
	}
	return html, text + "\n", nil
}
