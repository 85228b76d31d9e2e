package web

import (
	"github.com/gofiber/fiber/v2"

	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// Site is what every page shows and judges by: the answer of GET /api/site, which the app's page holds too. The
// operator's settings fill it; what the program fixes (Password, Languages, Lifetimes.Grant, Lifetimes.Recovery,
// Demo) is filled in when the server starts.
type Site struct {
	Brand        Brand               `json:"brand"`
	HelpDesk     HelpDesk            `json:"help_desk"`
	Sender       string              `json:"sender"` // the address that letters come from
	LoginSuffix  string              `json:"login_suffix"`
	MailExample  string              `json:"mail_example"`
	Password     PasswordRules       `json:"password"`
	Lifetimes    Lifetimes           `json:"lifetimes"`
	Languages    []recovery.Language `json:"languages"`
	Announcement *Both               `json:"announcement"` // nil when there is none
	MailboxHelp  *Both               `json:"mailbox_help"` // nil when there is none
	Recovery     Openness            `json:"recovery"`
	Demo         bool                `json:"demo"`
}

// Both holds the same words in both languages.
type Both struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// Brand is the operator's.
type Brand struct {
	Name      Both     `json:"name"`
	Copyright string   `json:"copyright"`
	Logo      string   `json:"logo"`   // where it is served; empty when there is none
	Colours   *Colours `json:"colors"` // nil for those of the app
}

// Colours are what the app acts with, as #rrggbb.
type Colours struct {
	Light Shades `json:"light"`
	Dark  Shades `json:"dark"`
}

// Shades are one colour's uses.
type Shades struct {
	Key       string `json:"key"`
	KeyHover  string `json:"key_hover"`
	KeyActive string `json:"key_active"`
	KeyPale   string `json:"key_pale"`
	OnKey     string `json:"on_key"`
}

// Logo is a picture that stands for the brand's name.
type Logo struct {
	Extension string // .svg or .png
	Content   []byte
}

// HelpDesk is who the member may call. What is empty is not shown.
type HelpDesk struct {
	Name  Both   `json:"name"`
	Phone string `json:"phone"`
	Hours Both   `json:"hours"`
	Mail  string `json:"mail"`
	URL   string `json:"url"`
}

// PasswordRules are the rules that a browser can judge.
type PasswordRules struct {
	MinLength int    `json:"min_length"`
	MaxLength int    `json:"max_length"`
	Symbols   string `json:"symbols"`
}

// Lifetimes are in seconds.
type Lifetimes struct {
	TemporaryPassword int `json:"temporary_password"`
	Grant             int `json:"grant"`
	Recovery          int `json:"recovery"`
	SessionIdle       int `json:"session_idle"`
	SessionAbsolute   int `json:"session_absolute"`
}

// Openness says whether members can ask for recovery now.
type Openness string

// The two states of asking.
const (
	Open   Openness = "open"
	Paused Openness = "paused"
)

// completeSite adds what the program fixes.
func (s *Server) completeSite() Site {
	site := s.Site
	if changed := s.refreshed.Load(); changed != nil {
		site = *changed
	}
	site.Password = PasswordRules{password.MinLength, password.MaxLength, password.Symbols}
	site.Languages = []recovery.Language{recovery.Japanese, recovery.English}
	site.Lifetimes.Grant = int(recovery.GrantLifetime.Seconds())
	site.Lifetimes.Recovery = int(recovery.Waits.Seconds())
	site.Recovery = Open
	if s.Recovery.IsPaused() {
		site.Recovery = Paused
	}
	site.Demo = s.Demo
	return site
}

func (s *Server) getSite(c *fiber.Ctx, _ fields) error { return c.JSON(s.completeSite()) }
