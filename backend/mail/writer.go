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

// Writer writes letters. It is safe for concurrent use. Make it with [NewWriter].
type Writer struct {
	brand       Brand
	publicURL   string
	domain      string // of Message-IDs
	template    string // of the HTML part, in the brand's colours
	stencils    map[form]func() (stencil, error)
	replacement atomic.Pointer[Writer]
}

// NewWriter makes a Writer that writes letters of a brand.
func NewWriter(b Brand) *Writer {
	w := &Writer{brand: b, publicURL: strings.TrimRight(b.PublicURL, "/"), domain: messageIDDomain(b), template: b.Colours.apply(htmlTemplate())}
	w.stencils = w.newStencils()
	return w
}

// Rebrand makes w use another brand from now on. It may be called while letters are written.
func (w *Writer) Rebrand(b Brand) { w.replacement.Store(NewWriter(b)) }

// MessageID returns the Message-ID of a letter, without brackets. It is the same at every try.
func MessageID(letterID string, b Brand) string {
	return strings.ToLower(letterID) + "@" + messageIDDomain(b)
}

// MessageID returns the Message-ID that this Writer gives to a letter.
func (w *Writer) MessageID(letterID string) string {
	return MessageID(letterID, w.brand)
}

// messageIDDomain returns the sender's domain (RFC 5322, 3.6.4, wants the own domain, and mail servers check it), or else the
// host of the public address.
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

// The errors of [Writer.Write]. A retry does not help.
var (
	ErrUnknownKind     = errors.New("unknown kind of letter")
	ErrUnknownLanguage = errors.New("unknown language of a letter")
)

// Write writes a letter. The same content always gives the same message with the same Message-ID.
func (w *Writer) Write(c Content) (Message, error) {
	if replacement := w.replacement.Load(); replacement != nil {
		w = replacement
	}
	f := form{c.Kind, c.Language}
	own := valuesOf(c)
	text, err := w.fill(f, own)
	if errors.Is(err, errNotPlain) {
		text, err = w.render(f, own)
	}
	if err != nil {
		return Message{}, fmt.Errorf("write %s: %w", c.Kind, err)
	}
	return Message{ID: w.MessageID(c.LetterID), To: c.To, Subject: text.subject, Text: text.plain, HTML: text.html, Date: c.At, Priority: PriorityOf(c.Kind)}, nil
}

// form is a kind of letter in a language. Letters of one form differ only in their values.
type form struct {
	kind     recovery.LetterKind
	language recovery.Language
}

// rendered is the text of a letter.
type rendered struct{ subject, plain, html string }

// values are the texts that differ between letters of one form.
type values struct {
	asked    string // of a temporary-password letter: when the ask was made
	receipt  string
	password string
	stamp    string // of the expiry of a temporary password
	spelled  string // the time of the expiry, or of the change, in words
	address  string // of a notice of a new address, masked
	link     string // the path's or the fragment's last part
}

// valuesOf returns the values of a letter; none for an unknown language.
func valuesOf(c Content) values {
	d := dictionaries[c.Language]
	if d.spellTime == nil {
		return values{}
	}
	if c.Kind == recovery.TemporaryPasswordLetter {
		return values{
			asked: d.spellBriefly(c.AskedAt), receipt: c.Receipt, password: c.TemporaryPassword.Reveal(),
			stamp: stamp(c.ExpiresAt), spelled: d.spellTime(c.ExpiresAt), link: url.PathEscape(string(c.RecoveryID)),
		}
	}
	return values{spelled: d.spellTime(c.ChangedAt), address: mask(c.To), link: c.Disavowal.Reveal()}
}

// render renders a letter with Hermes.
func (w *Writer) render(f form, own values) (rendered, error) {
	dictionary, known := dictionaries[f.language]
	if !known {
		return rendered{}, fmt.Errorf("%w: %q", ErrUnknownLanguage, f.language)
	}
	brand := w.brand.In(f.language)
	look := theme{
		html:      w.template,
		Language:  f.language,
		LinkBelow: dictionary.linkBelow,
		Bullet:    dictionary.bullet,
		Signature: w.newSignature(dictionary, brand),
	}
	body := hermes.Body{
		Greeting: dictionary.salutation,
		Intros:   []string{fmt.Sprintf(dictionary.thanks, brand.Name)},
	}

	var subject string
	switch f.kind {
	case recovery.TemporaryPasswordLetter:
		subject = w.writeTemporaryPassword(f, own, dictionary, &look, &body)
	case recovery.PasswordChangedNotice:
		subject = w.writeNotice(f, own, dictionary, dictionary.passwordChanged, &look, &body)
	case recovery.NewAddressNotice:
		subject = w.writeNotice(f, own, dictionary, dictionary.newAddress, &look, &body)
	case recovery.FormerAddressNotice:
		subject = w.writeNotice(f, own, dictionary, dictionary.formerAddress, &look, &body)
	case recovery.PasswordVoidedNotice:
		subject = w.writeVoided(dictionary, &look, &body)
	default:
		return rendered{}, fmt.Errorf("%w: %q", ErrUnknownKind, f.kind)
	}

	html, plain, err := look.render(hermes.Product{Name: brand.Name, Link: w.publicURL}, body)
	return rendered{oneLine(fmt.Sprintf(subject, brand.Name)), plain, html}, err
}

// writeTemporaryPassword writes the letter with the temporary password, and returns its subject. The order of the facts is
// the one that members and the help desk know from earlier letters.
func (w *Writer) writeTemporaryPassword(f form, own values, d words, look *theme, body *hermes.Body) string {
	say := d.temporaryPassword
	body.Title = say.heading
	body.Intros = append(body.Intros, fmt.Sprintf(say.asked, own.asked, own.receipt), say.intro)
	look.Facts = []fact{
		{Label: temporaryPasswordLabel, Name: say.passwordName, Value: own.password, Secret: true},
		{Label: expiryLabel, Name: say.expiryName, Value: own.stamp, Spoken: fmt.Sprintf(say.until, own.spelled)},
	}
	look.Sections = []section{say.notes}
	body.Actions = []hermes.Action{{
		Instructions: say.instructions,
		Button:       hermes.Button{Text: say.button, Link: w.link("/recover/"+own.link, f)},
	}}
	body.Outros = []string{fmt.Sprintf(say.receipt, own.receipt), say.neverAsked, say.notYou}
	return say.subject
}

// writeNotice writes a notice of a change and returns its subject. The only button is for members who did not make the
// change. All others need to do nothing, so the button is outlined, not filled. Its link has the token in the fragment,
// which browsers do not send to servers. A notice begins with what was changed, not with thanks.
func (w *Writer) writeNotice(f form, own values, d words, say noticeWords, look *theme, body *hermes.Body) string {
	body.Title = say.heading
	body.Intros = []string{say.intro}
	look.Facts = []fact{{Label: changedAtLabel, Name: say.atName, Value: own.spelled}}
	if say.addressLabel != "" {
		look.Facts = append(look.Facts, fact{Label: say.addressLabel, Name: say.addressName, Value: own.address})
	}
	look.Sections = []section{say.you, say.notYou}
	look.Quiet = true
	body.Actions = []hermes.Action{
		{Button: hermes.Button{Text: say.disavow, Link: w.link("/disavow", f) + "#" + own.link}},
	}
	body.Outros = []string{d.neverAsked}
	return say.subject
}

// mask hides an address except for its first letter and its domain, as the member page does, because members forward
// letters.
func mask(address member.MailAddress) string {
	_, first := utf8.DecodeRuneInString(string(address))
	return string(address[:first]) + "•••••@" + address.Domain()
}

// link returns the address of a page of the service, in the letter's language.
func (w *Writer) link(path string, f form) string {
	return w.publicURL + path + "?lang=" + string(f.language)
}

func (w *Writer) newSignature(d words, brand BrandWords) signature {
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
		Dial:     telLink(w.brand.Phone),
		Hours:    labelled(d.hours, brand.Hours),
		Mail:     w.brand.Mail,
		URL:      w.brand.URL,
	}
}

// longestNumber is the most digits of a telephone number (ITU-T E.164).
const longestNumber = 15

// telLink returns the tel: link of a telephone number; empty if the text is not a single number.
func telLink(phone string) string {
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

// oneLine replaces line breaks by spaces, so that a line break in a brand's name cannot add a header field.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
