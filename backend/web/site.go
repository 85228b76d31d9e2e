package web

import (
	"github.com/gofiber/fiber/v2"

	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// Site is the answer of GET /api/site. The app's page holds it too. The caller sets the fields that come from settings. The
// Server sets the others: Brand.Logo, Password, Languages, Lifetimes.Grant, Lifetimes.Recovery, Recovery and Demo.
type Site struct {
	Brand        Brand               `json:"brand"`
	HelpDesk     HelpDesk            `json:"help_desk"`
	Sender       string              `json:"sender"` // the mail address from which letters come
	LoginSuffix  string              `json:"login_suffix"`
	MailExample  string              `json:"mail_example"`
	Password     PasswordRules       `json:"password"`
	Lifetimes    Lifetimes           `json:"lifetimes"`
	Languages    []recovery.Language `json:"languages"`
	Announcement *Both               `json:"announcement"` // nil if there is none
	MailboxHelp  *Both               `json:"mailbox_help"` // nil if there is none
	Recovery     Openness            `json:"recovery"`
	Demo         bool                `json:"demo"`
}

// Both holds a text in both languages.
type Both struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// Brand holds the name of the site and how it looks.
type Brand struct {
	Name      Both     `json:"name"`
	Copyright string   `json:"copyright"`
	Logo      string   `json:"logo"`   // its path, which the Server sets; empty without a logo
	Colours   *Colours `json:"colors"` // nil for the colours of the app
}

// Colours are the colours of buttons and links, as #rrggbb, for light and dark mode.
type Colours struct {
	Light Shades `json:"light"`
	Dark  Shades `json:"dark"`
}

// Shades are the shades of one colour by their use: buttons and links (Key), under the pointer (Hover), while pressed (Active),
// as a background (Pale), and the text on a button (OnKey).
type Shades struct {
	Key       string `json:"key"`
	KeyHover  string `json:"key_hover"`
	KeyActive string `json:"key_active"`
	KeyPale   string `json:"key_pale"`
	OnKey     string `json:"on_key"`
}

// Logo is a picture that is shown in place of the brand's name.
type Logo struct {
	Extension string // .svg or .png
	Content   []byte
}

// HelpDesk tells members how to reach the help desk. Empty fields are not shown.
type HelpDesk struct {
	Name  Both   `json:"name"`
	Phone string `json:"phone"`
	Hours Both   `json:"hours"`
	Mail  string `json:"mail"`
	URL   string `json:"url"`
}

// PasswordRules are the rules that the browser can check.
type PasswordRules struct {
	MinLength int    `json:"min_length"`
	MaxLength int    `json:"max_length"`
	Symbols   string `json:"symbols"`
}

// Lifetimes holds durations in seconds.
type Lifetimes struct {
	TemporaryPassword int `json:"temporary_password"`
	Grant             int `json:"grant"`
	Recovery          int `json:"recovery"`
	SessionIdle       int `json:"session_idle"`
	SessionAbsolute   int `json:"session_absolute"`
}

// Openness tells whether members can ask for recovery now.
type Openness string

// The values of Openness.
const (
	Open   Openness = "open"
	Paused Openness = "paused"
)

// completeSite returns a copy of the Site in which all fields are set.
func (s *Server) completeSite() Site {
	site := s.Site
	if changed := s.refreshed.Load(); changed != nil {
		site = *changed
	}
	site.Password = PasswordRules{password.MinLength, password.MaxLength, password.Symbols}
	site.Languages = []recovery.Language{recovery.Japanese, recovery.English}
	site.Lifetimes.Grant = int(recovery.GrantLifetime.Seconds())
	site.Lifetimes.Recovery = int(recovery.Lifetime.Seconds())
	site.Recovery = Open
	if s.Recovery.IsPaused() {
		site.Recovery = Paused
	}
	site.Demo = s.Demo
	return site
}

func (s *Server) getSite(c *fiber.Ctx, _ values) error { return c.JSON(s.completeSite()) }
