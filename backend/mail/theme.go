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

// htmlTemplate returns the source with the rules of its first style element inlined, because many mail programs do not
// support style elements. It does so once; Hermes would inline the rules of every letter, which is slow.
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

// textTemplate is HTML too; Hermes converts it into plain text. Only <br> becomes a line break there, so a line break in a
// value cannot start a new line.
//
//go:embed templates/letter.txt.html
var textTemplate string

// theme is a Hermes theme with the data of one letter that hermes.Body has no field for.
type theme struct {
	html      string // the template of the HTML part
	Language  recovery.Language
	Facts     []fact
	Sections  []section
	LinkBelow string
	Bullet    string
	Quiet     bool // the button is outlined, not filled, because few readers need it
	Signature signature
}

// fact is a label and a value, each on a line of its own, so that readers find it quickly and can copy it.
type fact struct {
	Label  string // always in Japanese
	Name   string // the label's meaning, in the HTML part of a letter that is not in Japanese
	Value  string
	Spoken string // the value in a sentence, on the next line
	Secret bool   // shown large; one long press selects the whole value
}

// section is a heading with paragraphs or a list.
type section struct {
	Heading    string
	Paragraphs []string
	Items      []string
}

// signature is the company and how to reach the help desk. Empty fields are not shown.
type signature struct {
	Company, HelpDesk, Phone, Hours, Mail, URL string
	// Dial is the tel: link of Phone. It has only digits and +, because templates do not check such links.
	Dial string
}

// Name returns the name of the theme.
func (theme) Name() string { return "aikagi" }

// HTMLTemplate returns the template of the HTML part. Its second style element stays: it has the rules that depend on the
// reader's screen.
func (t theme) HTMLTemplate() string { return t.html }

// PlainTextTemplate returns the template of the text part.
func (theme) PlainTextTemplate() string { return textTemplate }

// render makes both parts. It makes a new hermes.Hermes for each letter, because Hermes writes its defaults into it, which
// would be a data race.
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
