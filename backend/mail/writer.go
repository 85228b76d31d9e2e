package mail

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/matcornic/hermes/v2"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// Brand is what the operator says of itself in letters. What is empty is not shown.
type Brand struct {
	// PublicURL is where members reach the service. Every link to it begins so, and no request has a say in it.
	PublicURL string
	// Sender is the address that letters come from. Empty in demo mode.
	Sender            string
	Japanese, English BrandWords
	// Phone, Mail and URL are the help desk's.
	Phone, Mail, URL string
	Colours          *Colours // nil for those of the template
}

// Colours are what letters are drawn in, as #rrggbb.
type Colours struct{ Light, Dark Shades }

// Shades are a colour, a pale ground of it that the same colour and black stand out on, and what stands out on it.
type Shades struct{ Key, Pale, On string }

// templateColours are those that stand in the template.
var templateColours = Colours{
	Light: Shades{Key: "#0017c1", Pale: "#e8f1fe", On: "#ffffff"},
	Dark:  Shades{Key: "#9db7f9", Pale: "#26304d", On: "#000060"},
}

// paint puts the colours in place of the template's own. White stays what it is: paper is white too.
func (c *Colours) paint(template string) string {
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
	HelpDesk string // what the help desk is called
	Hours    string // when it can be reached
}

// In gives the words in a language.
func (b Brand) In(language recovery.Language) BrandWords {
	if language == recovery.English {
		return b.English
	}
	return b.Japanese
}

// Writer writes letters. It is safe for concurrent use.
type Writer struct {
	brand     Brand
	publicURL string
	domain    string // of Message-IDs
	template  string // of the HTML part, in the brand's colours
	stencils  map[form]func() (stencil, error)
	later     atomic.Pointer[Writer]
}

// NewWriter makes a Writer that speaks for a brand.
func NewWriter(b Brand) *Writer {
	w := &Writer{brand: b, publicURL: strings.TrimRight(b.PublicURL, "/"), domain: messageIDDomain(b), template: b.Colours.paint(htmlTemplate())}
	w.stencils = w.newStencils()
	return w
}

// Rebrand makes w speak for another brand from now on. It can be called while letters are written.
func (w *Writer) Rebrand(b Brand) { w.later.Store(NewWriter(b)) }

// MessageID is what a letter is called at mail servers: the Message-ID without brackets, the same at every try.
func MessageID(letterID string, b Brand) string {
	return strings.ToLower(letterID) + "@" + messageIDDomain(b)
}

// MessageID is the Message-ID of the letters that this Writer writes.
func (w *Writer) MessageID(letterID string) string {
	return MessageID(letterID, w.brand)
}

// messageIDDomain prefers the sender's domain, which mail servers check (RFC 5322, 3.6.4 asks for one's own).
func messageIDDomain(b Brand) string {
	if _, domain, found := strings.Cut(b.Sender, "@"); found && domain != "" {
		return strings.ToLower(domain)
	}
	public, err := url.Parse(b.PublicURL)
	if err != nil || public.Hostname() == "" {
		return "localhost"
	}
	if strings.Contains(public.Hostname(), ":") {
		return "[" + public.Hostname() + "]"
	}
	return public.Hostname()
}

// What Write cannot do. Trying again is no use.
var (
	ErrUnknownKind     = errors.New("unknown kind of letter")
	ErrUnknownLanguage = errors.New("unknown language of a letter")
)

// Write makes the letter. The same content gives the same message, Message-ID included.
func (w *Writer) Write(c Content) (Message, error) {
	if later := w.later.Load(); later != nil {
		w = later
	}
	f := form{c.Kind, c.Language}
	own := ownOf(c)
	text, err := w.fill(f, own)
	if errors.Is(err, errNotPlain) {
		text, err = w.render(f, own)
	}
	if err != nil {
		return Message{}, fmt.Errorf("write %s: %w", c.Kind, err)
	}
	return Message{ID: w.MessageID(c.LetterID), To: c.To, Subject: text.subject, Text: text.plain, HTML: text.html, Date: c.At}, nil
}

// form is what letters have in common that differ in nothing but their own values.
type form struct {
	kind     recovery.LetterKind
	language recovery.Language
}

// written is the text of a letter.
type written struct{ subject, plain, html string }

// own are a letter's own values, as they stand in it. All else that a letter says is the same in all letters of its form.
type own struct {
	asked    string // of a temporary-password letter: when the ask was made
	receipt  string
	password string
	stamp    string // of the expiry, or of the change
	spelled  string // the same for people
	address  string // of a notice of a new address, masked
	link     string // the path's or the fragment's last part
}

// ownOf gives the values of a letter. An unknown language has no values.
func ownOf(c Content) own {
	d := dictionaries[c.Language]
	if d.spellTime == nil {
		return own{}
	}
	if c.Kind == recovery.TemporaryPasswordLetter {
		return own{
			asked: d.spellBriefly(c.AskedAt), receipt: c.Receipt, password: c.TemporaryPassword.Reveal(),
			stamp: stamp(c.ExpiresAt), spelled: d.spellTime(c.ExpiresAt), link: url.PathEscape(string(c.RecoveryID)),
		}
	}
	return own{stamp: stamp(c.ChangedAt), spelled: d.spellTime(c.ChangedAt), address: mask(c.To), link: c.Disavowal.Reveal()}
}

// render has Hermes write a letter of a form with these values.
func (w *Writer) render(f form, values own) (written, error) {
	dictionary, known := dictionaries[f.language]
	if !known {
		return written{}, fmt.Errorf("%w: %q", ErrUnknownLanguage, f.language)
	}
	brand := w.brand.In(f.language)
	look := theme{
		html:      w.template,
		Language:  f.language,
		LinkBelow: dictionary.linkBelow,
		Bullet:    dictionary.bullet,
		Signature: w.sign(dictionary, brand),
	}
	body := hermes.Body{
		Greeting: dictionary.salutation,
		Intros:   []string{fmt.Sprintf(dictionary.thanks, brand.Name)},
	}

	var subject string
	switch f.kind {
	case recovery.TemporaryPasswordLetter:
		subject = w.tellTemporaryPassword(f, values, dictionary, &look, &body)
	case recovery.PasswordChangedNotice:
		subject = w.notify(f, values, dictionary, dictionary.passwordChanged, &look, &body)
	case recovery.NewAddressNotice:
		subject = w.notify(f, values, dictionary, dictionary.newAddress, &look, &body)
	case recovery.FormerAddressNotice:
		subject = w.notify(f, values, dictionary, dictionary.formerAddress, &look, &body)
	case recovery.PasswordVoidedNotice:
		subject = w.tellVoided(dictionary, &look, &body)
	default:
		return written{}, fmt.Errorf("%w: %q", ErrUnknownKind, f.kind)
	}

	html, plain, err := look.render(hermes.Product{Name: brand.Name, Link: w.publicURL}, body)
	return written{oneLine(fmt.Sprintf(subject, brand.Name)), plain, html}, err
}

// tellTemporaryPassword follows the order of facts that members and the help desk know. It gives the subject.
func (w *Writer) tellTemporaryPassword(f form, values own, d words, look *theme, body *hermes.Body) string {
	say := d.temporaryPassword
	body.Title = say.heading
	body.Intros = append(body.Intros, fmt.Sprintf(say.asked, values.asked, values.receipt), say.intro)
	look.Facts = []fact{
		{Label: temporaryPasswordLabel, Name: say.passwordName, Value: values.password, Secret: true},
		{Label: expiryLabel, Name: say.expiryName, Value: values.stamp, Spoken: fmt.Sprintf(say.until, values.spelled)},
	}
	look.Sections = []section{say.notes}
	body.Actions = []hermes.Action{{
		Instructions: say.instructions,
		Button:       hermes.Button{Text: say.button, Link: w.link("/recover/"+values.link, f)},
	}}
	body.Outros = []string{fmt.Sprintf(say.receipt, values.receipt), say.neverAsked, say.notYou}
	return say.subject
}

// notify writes a notice and returns its subject. Its one button is for members who did not make the change. All others
// need to do nothing, so the button is outlined, not filled. Its link holds the token in the fragment, which browsers
// send to no server.
func (w *Writer) notify(f form, values own, d words, say noticeWords, look *theme, body *hermes.Body) string {
	body.Title = say.heading
	body.Intros = append(body.Intros, say.intro)
	look.Facts = []fact{
		{Label: changedAtLabel, Name: say.atName, Value: values.stamp, Spoken: fmt.Sprintf(say.at, values.spelled)},
	}
	if say.addressLabel != "" {
		look.Facts = append(look.Facts, fact{Label: say.addressLabel, Name: say.addressName, Value: values.address})
	}
	look.Sections = []section{say.you, say.notYou}
	look.Quiet = true
	body.Actions = []hermes.Action{
		{Button: hermes.Button{Text: say.disavow, Link: w.link("/disavow", f) + "#" + values.link}},
	}
	body.Outros = []string{d.neverAsked}
	return say.subject
}

// mask hides an address but for its first letter and its domain, as the member page does: letters are forwarded.
func mask(address member.MailAddress) string {
	_, first := utf8.DecodeRuneInString(string(address))
	return string(address[:first]) + "•••••@" + address.Domain()
}

// link leads to a page of the service, in the letter's language.
func (w *Writer) link(path string, f form) string {
	return w.publicURL + path + "?lang=" + string(f.language)
}

func (w *Writer) sign(d words, brand BrandWords) signature {
	labelled := func(label, value string) string {
		if value == "" {
			return ""
		}
		return fmt.Sprintf(label, value)
	}
	return signature{
		Company:  brand.Company,
		HelpDesk: brand.HelpDesk,
		Phone:    labelled(d.phone, w.brand.Phone),
		Dial:     dial(w.brand.Phone),
		Hours:    labelled(d.hours, brand.Hours),
		Mail:     w.brand.Mail,
		URL:      w.brand.URL,
	}
}

// longestNumber is what ITU-T E.164 allows; a longer text is not one number.
const longestNumber = 15

// dial makes a telephone number one that a tap calls. It gives nothing where the text is not a single number.
func dial(phone string) string {
	number := strings.Map(func(r rune) rune {
		if r = member.Narrow(r); r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if number == "" || len(number) > longestNumber {
		return ""
	}
	return "tel:" + number
}

// oneLine keeps a header one header: a line break in a brand's name becomes a space.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
