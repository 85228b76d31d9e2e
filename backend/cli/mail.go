package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

type mailPreviewCommand struct {
	Dir string `arg:"" help:"The folder. It is created if it does not exist." type:"path"`
}

// Run writes every letter into the folder and prints the paths.
func (c mailPreviewCommand) Run(p *program) error {
	settings, err := p.load(config.Needs{})
	if err != nil {
		return err
	}
	withExamples(&settings)
	writer := mail.NewWriter(mailBrand(settings))
	paths, err := mail.Preview(writer, smtpSettings(settings), c.Dir, settings.TemporaryPasswordLifetime, p.now())
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := fmt.Fprintln(p.stdout, path); err != nil {
			return err
		}
	}
	return nil
}

// withExamples sets example values for unset settings that letters contain.
func withExamples(settings *config.Settings) {
	if settings.PublicURL == "" {
		settings.PublicURL = "https://support.example.jp"
	}
	if settings.MailFrom.Address == "" {
		domain := "example.jp"
		if public, err := url.Parse(string(settings.PublicURL)); err == nil {
			domain = public.Hostname()
		}
		settings.MailFrom = config.Mailbox{Name: settings.Brand.In(string(recovery.Japanese)), Address: "sender@" + domain}
	}
}

// testLetterTimeout bounds the SMTP conversation of mail test.
const testLetterTimeout = 2 * time.Minute

type mailTestCommand struct {
	Address  string `arg:"" help:"The address that gets the letter."`
	Kind     string `help:"Which letter: temporary_password, password_changed, new_address, former_address or password_voided." enum:"temporary_password,password_changed,new_address,former_address,password_voided" default:"temporary_password" placeholder:"KIND"`
	Language string `help:"ja or en." enum:"ja,en" default:"ja" placeholder:"LANGUAGE"`
}

// Run sends one letter in the way that members' letters are sent. Its temporary password and its links do not work.
func (c mailTestCommand) Run(p *program) (err error) {
	to, err := member.ParseMailAddress(c.Address)
	if err != nil || !to.CanReceive() {
		return fmt.Errorf("%w: mail cannot reach the address; right would be a single address such as name@example.jp", errUsage)
	}
	settings, err := p.load(config.Needs{SMTP: true})
	if err != nil {
		return err
	}
	withExamples(&settings)
	content := mail.Example(recovery.LetterKind(c.Kind), recovery.Language(c.Language), settings.TemporaryPasswordLifetime, p.now())
	content.LetterID, content.To = rand.Text(), to // a new id for each letter: mail servers drop a second one with the same Message-ID
	message, err := mail.NewWriter(mailBrand(settings)).Write(content)
	if err != nil {
		return fmt.Errorf("mail test: %w", err)
	}
	transport := newTransport(settings)
	defer func() { err = errors.Join(err, transport.Close()) }()
	ctx, cancel := context.WithTimeout(p.ctx, testLetterTimeout)
	defer cancel()
	if err := transport.Send(ctx, message); err != nil {
		return fmt.Errorf("mail test: Message-ID <%s>: %w", message.ID, err)
	}
	_, err = fmt.Fprintf(p.stdout, "The mail server took the letter (250). Message-ID: <%s>\n", message.ID)
	return err
}
