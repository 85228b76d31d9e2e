package cli

import (
	"errors"
	"io"
	"log/slog"
	"net/mail"
	"os"
	"runtime"
	"time"

	"github.com/mattn/go-isatty"

	"aikagi/backend/config"
	letters "aikagi/backend/mail"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/store"
	"aikagi/backend/throttle"
	"aikagi/backend/web"
)

// signInWait is how long a sign-in waits for its turn to be hashed before it is told to come back.
const signInWait = 2 * time.Second

func newLog(asText bool, level slog.Leveler, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if asText {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}

var dialects = map[config.Dialect]store.Dialect{config.MySQL: store.MySQL, config.SQLite: store.SQLite}

// logMistakes writes a line for each mistake in a server's settings, in LOG_FORMAT, which programs read. Whoever starts the
// server in a terminal gets the list that the other commands print.
func (p *program) logMistakes(err error) error {
	var found *config.MistakesError
	if out, isFile := p.stderr.(*os.File); !errors.As(err, &found) || isFile && isatty.IsTerminal(out.Fd()) {
		return err
	}
	log := newLog(found.LogText, slog.LevelError, p.stderr)
	for _, m := range found.Mistakes {
		log.Error("a setting is wrong; the server does not start", "setting", m.Setting, "from", m.From, "wrong", m.Wrong, "right", m.Right)
	}
	return errMistakesLogged
}

func storeSettings(d config.Database) store.Settings {
	return store.Settings{
		Dialect: dialects[d.Dialect], Path: d.Path,
		User: d.User, Password: d.Password, Hosts: d.Hosts, Name: d.Name, Options: d.Options, RootCAs: d.RootCAs,
		Connections: int(d.Connections),
	}
}

func newRing(settings config.Settings) (*recovery.Ring, error) {
	keys := make([]recovery.Key, len(settings.Keys))
	for i, key := range settings.Keys {
		var err error
		if keys[i], err = recovery.NewKey(key.Name, key.Secret.Reveal()); err != nil {
			return nil, err
		}
	}
	return recovery.NewRing(keys...)
}

func hashingCost(settings config.Settings) password.Params {
	return password.Params{
		MemoryKiB: settings.Argon2.Memory, Iterations: settings.Argon2.Iterations, Parallelism: settings.Argon2.Parallelism,
	}
}

// newHasher makes a hasher with one worker for each CPU that the process may use: more workers would only hold memory.
// GOMAXPROCS follows the CPU limit of a container, which NumCPU does not: with 2 CPUs on a machine of 64 cores it
// would start 64 workers.
func newHasher(settings config.Settings) *password.Hasher {
	return password.NewHasher(hashingCost(settings), runtime.GOMAXPROCS(0), signInWait)
}

// openRedis gives nil when none is set.
func openRedis(r config.Redis) *session.Redis {
	if !r.IsSet() {
		return nil
	}
	return session.OpenRedis(session.RedisSettings{
		Hosts: r.Hosts, Master: r.Master, User: r.User, Password: r.Password, Database: r.Database, TLS: r.TLS, RootCAs: r.RootCAs,
		SentinelUser: r.SentinelUser, SentinelPassword: r.SentinelPassword,
	})
}

// newSessions keeps sessions in memory when redis is nil.
func newSessions(settings config.Settings, redis *session.Redis, now func() time.Time) *session.Keeper {
	var backend session.Backend = session.NewMemory()
	if redis != nil {
		backend = redis
	}
	return session.New(backend, settings.SessionIdle, settings.SessionAbsolute, now)
}

// newThrottle counts in memory when redis is nil; it is nil itself when the limits are lifted.
func newThrottle(settings config.Settings, redis *session.Redis, now func() time.Time, log *slog.Logger) *throttle.Throttle {
	switch {
	case !settings.RateLimits:
		return nil
	case redis == nil:
		return throttle.New(nil, now, log)
	}
	return throttle.New(redis.Storage(), now, log)
}

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
