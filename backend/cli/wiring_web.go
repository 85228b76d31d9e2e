package cli

import (
	"aikagi/backend/config"
	"aikagi/backend/web"
)

func pageSite(settings config.Settings) web.Site {
	both := func(text config.Text) web.Both { return web.Both{JA: text.In("ja"), EN: text.In("en")} }
	ifSet := func(text config.Text) *web.Both {
		if text == (config.Text{}) {
			return nil
		}
		words := both(text)
		return &words
	}
	return web.Site{
		Brand: web.Brand{Name: both(settings.Brand), Copyright: settings.Copyright, Colours: pageColours(settings.BrandColour)},
		HelpDesk: web.HelpDesk{
			Name: both(settings.HelpDesk.Name), Hours: both(settings.HelpDesk.Hours),
			Phone: settings.HelpDesk.Phone, Mail: settings.HelpDesk.Mail, URL: settings.HelpDesk.URL,
		},
		Sender: settings.MailFrom.Address, LoginSuffix: settings.LoginSuffix, MailExample: settings.MailExample,
		Lifetimes: web.Lifetimes{
			TemporaryPassword: int(settings.TemporaryPasswordLifetime.Seconds()),
			SessionIdle:       int(settings.SessionIdle.Seconds()),
			SessionAbsolute:   int(settings.SessionAbsolute.Seconds()),
		},
		Announcement: ifSet(settings.Announcement), MailboxHelp: ifSet(settings.MailboxHelp),
	}
}

func pageLogo(logo config.Logo) *web.Logo {
	if logo.Content == nil {
		return nil
	}
	return &web.Logo{Extension: logo.Extension(), Content: logo.Content}
}

func pageColours(c config.Colour) *web.Colours {
	if !c.IsSet() {
		return nil
	}
	shades := func(s config.Shades) web.Shades {
		return web.Shades{
			Key: string(s.Key), KeyHover: string(s.Hover), KeyActive: string(s.Active), KeyPale: string(s.Pale), OnKey: string(s.On),
		}
	}
	return &web.Colours{Light: shades(c.Palette().Light), Dark: shades(c.Palette().Dark)}
}
