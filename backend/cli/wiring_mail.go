package cli

import (
	"net/mail"

	"aikagi/backend/config"
	letters "aikagi/backend/mail"
)

func newTransport(settings config.Settings) *letters.SMTP {
	return letters.NewSMTP(smtpSettings(settings))
}

var tlsModes = map[config.SMTPTLS]letters.TLSMode{
	config.Opportunistic: letters.TLSOpportunistic, config.Required: letters.TLSRequired, config.Implicit: letters.TLSImplicit,
}

func smtpSettings(settings config.Settings) letters.SMTPSettings {
	out := settings.SMTP
	smtp := letters.SMTPSettings{
		Host: out.Host, Port: out.Port, User: out.User, TLS: tlsModes[out.TLS], RootCAs: out.RootCAs,
		Timeout: out.Timeout, HELO: out.EHLO,
		From:        mail.Address{Name: settings.MailFrom.Name, Address: settings.MailFrom.Address},
		ReturnPath:  settings.MailReturnPath,
		Connections: int(out.Connections),
	}
	if out.User != "" {
		smtp.Password = out.Password
	}
	if dkim := settings.DKIM; dkim.IsSet() {
		smtp.DKIM = append(smtp.DKIM, letters.DKIM{Domain: dkim.Domain, Selector: dkim.Selector, Key: dkim.Key})
		if dkim.HasSecond() {
			smtp.DKIM = append(smtp.DKIM, letters.DKIM{Domain: dkim.Domain, Selector: dkim.Selector2, Key: dkim.Key2})
		}
	}
	return smtp
}

func mailBrand(settings config.Settings) letters.Brand {
	words := func(language string) letters.BrandWords {
		return letters.BrandWords{
			Name: settings.Brand.In(language), Company: settings.Company.In(language),
			HelpDesk: settings.HelpDesk.Name.In(language), Hours: settings.HelpDesk.Hours.In(language),
		}
	}
	return letters.Brand{
		PublicURL: string(settings.PublicURL), Sender: settings.MailFrom.Address,
		Japanese: words("ja"), English: words("en"),
		Phone: settings.HelpDesk.Phone, Mail: settings.HelpDesk.Mail, URL: settings.HelpDesk.URL,
		Colours: mailColours(settings.BrandColour),
	}
}

func mailColours(c config.Colour) *letters.Colours {
	if !c.IsSet() {
		return nil
	}
	shades := func(s config.Shades) letters.Shades {
		return letters.Shades{Key: string(s.Key), Pale: string(s.Pale), On: string(s.On)}
	}
	return &letters.Colours{Light: shades(c.Palette().Light), Dark: shades(c.Palette().Dark)}
}
