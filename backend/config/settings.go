package config

import (
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Settings are all settings, checked. It prints without its secrets.
type Settings struct {
	Demo bool

	Listen, OpsListen Address
	ListenHTTP        *Address // nil: off
	PublicURL         Origin   // empty only in demo mode on port 0: see LoopbackOrigin
	TrustedProxies    []netip.Prefix
	TLS               TLS
	ACME              ACME
	CA                CA
	HSTS              uint32        // seconds; 0: off
	StopDelay         time.Duration // 0: none

	Database Database
	Redis    Redis // not set: sessions and limits in memory
	Keys     []Key

	SMTP           SMTP // not set in demo mode
	MailFrom       Mailbox
	MailReturnPath string // the envelope's sender; empty for the address of MailFrom
	DKIM           DKIM

	TemporaryPasswordLifetime    time.Duration
	SessionIdle, SessionAbsolute time.Duration
	Argon2                       Argon2
	RecoveryPaused               bool
	RateLimits                   bool // false lifts the limits by client address and the login throttle

	RetentionRecoveries, RetentionLetters, RetentionActivities time.Duration

	Brand, Company, MailboxHelp, Announcement Text
	BrandColour                               Colour
	BrandLogo                                 Logo
	Copyright                                 string
	LoginSuffix, MailExample                  string
	HelpDesk                                  HelpDesk
	SecurityContact                           string // a mailto: or https: address, or empty

	Traces Traces

	LogText  bool // text for people instead of JSON
	LogLevel slog.Level
}

// Argon2 is what hashing a member support password costs (RFC 9106). The bounds are those of the stored hashes that
// a sign-in pays for.
type Argon2 struct {
	Memory      uint32 // KiB
	Iterations  uint32
	Parallelism uint8
}

// HelpDesk is who the member may call when recovery does not work. What is empty is not shown.
type HelpDesk struct {
	Name, Hours      Text
	Phone, Mail, URL string
}

// table holds every setting once; reading one writes into s.
func (s *Settings) table() []group {
	return []group{
		{"Addresses", []setting{
			preset("LISTEN", "127.0.0.1:8080", to(&s.Listen, parseAddress),
				"Where members are served. Port 0 takes a free one."),
			preset("OPS_LISTEN", "127.0.0.1:8081", to(&s.OpsListen, parseAddress),
				"Where metrics and the detailed health are served. Keep it inside."),
			unset("PUBLIC_URL", "https://support.example.jp", to(&s.PublicURL, parseOrigin),
				"What members see in the address bar; links in mails begin with it. https, or http on loopback."),
			unset("TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.7", to(&s.TrustedProxies, parseProxies),
				"The proxies whose X-Forwarded-For is believed: networks or addresses. None by default."),
			unset("TLS_CERT", "/etc/aikagi/cert.pem", to(&s.TLS.CertFile, parsePEMPath),
				"The file with the certificate and its chain, when no proxy does TLS."),
			unset("TLS_KEY", "/etc/aikagi/key.pem", to(&s.TLS.KeyFile, parsePEMPath),
				"The file with the certificate's private key."),
			unset("ACME_DOMAINS", "support.example.jp", to(&s.ACME.Domains, parseDomains),
				"The domains, separated by commas, for which the server gets a certificate by itself (ACME), when no proxy does TLS. The CA must reach the server at port 443 (TLS-ALPN-01), or at port 80 with AIKAGI_LISTEN_HTTP (HTTP-01)."),
			unset("ACME_MAIL", "hostmaster@example.jp", to(&s.ACME.Mail, parseMailAddress),
				"The address that the CA may write to about the certificate."),
			preset("ACME_DIRECTORY", "https://acme-v02.api.letsencrypt.org/directory", to(&s.ACME.Directory, parseDirectory),
				"The directory of the CA. Setting ACME_DOMAINS agrees to its terms of service."),
			unset("ACME_FOLDER", "/var/lib/aikagi/acme", to(&s.ACME.Folder, parseLine),
				"The folder that keeps the certificate, its key and the account's key. Several servers for the same domains share one folder."),
			preset("LISTEN_HTTP", "off", to(&s.ListenHTTP, parseOptionalAddress),
				"Where plain HTTP is served, such as :80, or off for nowhere: it answers the challenges of ACME (HTTP-01) and redirects pages to AIKAGI_PUBLIC_URL."),
			unset("TLS_CA", "/etc/aikagi/ca.pem", to(&s.CA.Path, parsePEMPath),
				"The file with a private CA's certificates, trusted beside the system's by the connections to MySQL, Redis, SMTP and the CA of ACME."),
			preset("HSTS", "63072000", to(&s.HSTS, wholeBetween[uint32](0, 315360000)),
				"How long browsers come back over https only, in seconds (Strict-Transport-Security: max-age); 0 sends no such header."),
			preset("STOP_DELAY", "5s", to(&s.StopDelay, durationBetween(0, 5*time.Minute)),
				"How long a server that is told to stop serves on while /readyz says 503, so that load balancers leave it. A stop takes at most 10 s more."),
		}},
		{"Stores and keys", []setting{
			secret("DATABASE", "mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db", to(&s.Database, parseDatabase),
				"mysql://user:password@host:3306,host2:3306/name (tried in turn; ?tls=true, ?timeout=5s, …) or sqlite:PATH."),
			preset("DATABASE_CONNECTIONS", "32", to(&s.Database.Connections, wholeBetween[uint32](1, 10000)),
				"How many connections to MySQL one server opens at most."),
			secret("REDIS", "redis://user:password@host:6379/0", to(&s.Redis, parseRedis),
				"redis:// or rediss:// (TLS); with Sentinel redis+sentinel://user:password@host:26379,host2:26379/master/0 (the user and the password are the servers'; ?sentinel_user=…&sentinel_password=… are the Sentinels' own). Without it one server keeps sessions and limits in memory."),
			secret("KEYS", "name:base64, as `aikagi keys new` prints it", to(&s.Keys, parseKeys),
				"The keys that temporary passwords are derived from: name:base64,… The first issues, the others still check."),
		}},
		{"Mail", []setting{
			secret("SMTP", "smtp://user:password@host:587", to(&s.SMTP, parseSMTP),
				"smtp:// (STARTTLS when offered, with any certificate; with a password or ?tls=required it must be offered, and the certificate be good) or smtps:// (TLS from the start, good certificate). Ports 587 and 465 unless given. ?timeout=30s bounds each answer (else as RFC 5321 says, minutes), ?ehlo=NAME is what to greet with (else the sender's domain)."),
			preset("SMTP_CONNECTIONS", "8", to(&s.SMTP.Connections, wholeBetween[uint32](1, 256)),
				"How many connections to the mail server one server opens at most."),
			unset("MAIL_FROM", "IMS <support@example.jp>", to(&s.MailFrom, parseMailbox),
				"The sender of all letters: an address, or a name and <address>."),
			unset("MAIL_RETURN_PATH", "bounces@example.jp", to(&s.MailReturnPath, parseMailAddress),
				"The address that undeliverable letters go back to (the envelope's sender, which SPF judges). That of MAIL_FROM by default."),
			unset("DKIM_DOMAIN", "example.jp", to(&s.DKIM.Domain, parseDomain),
				"The domain that signs the letters: that of MAIL_FROM, or another one of the same organisation."),
			unset("DKIM_SELECTOR", "aikagi", to(&s.DKIM.Selector, parseSelector),
				"The selector of the public key in the DNS."),
			secret("DKIM_KEY", "a PEM private key, RSA or Ed25519; name its file in AIKAGI_DKIM_KEY_FILE", to(&s.DKIM.Key, parseDKIMKey),
				"The private key, in PEM: RSA of 2048 bits or more, or Ed25519."),
			unset("DKIM_SELECTOR_2", "aikagi-ed", to(&s.DKIM.Selector2, parseSelector),
				"The selector of a second key: a letter then carries two signatures. Have one RSA key, since many verifiers do not know Ed25519."),
			secret("DKIM_KEY_2", "a PEM private key, RSA or Ed25519; name its file in AIKAGI_DKIM_KEY_2_FILE", to(&s.DKIM.Key2, parseDKIMKey),
				"The second private key."),
		}},
		{"Passwords and sessions", []setting{
			preset("TEMPORARY_PASSWORD_LIFETIME", "60m", to(&s.TemporaryPasswordLifetime, durationBetween(time.Second, day)),
				"How long a temporary password lives, from its hand-over to the mail server."),
			preset("SESSION_IDLE", "30m", to(&s.SessionIdle, durationBetween(time.Second, day)),
				"A session ends after so long without a call."),
			preset("SESSION_ABSOLUTE", "12h", to(&s.SessionAbsolute, durationBetween(time.Second, 30*day)),
				"A session ends so long after sign-in."),
			preset("ARGON2_MEMORY", "19456", to(&s.Argon2.Memory, wholeBetween[uint32](8, 256<<10)),
				"What hashing a password takes of memory, in KiB."),
			preset("ARGON2_ITERATIONS", "2", to(&s.Argon2.Iterations, wholeBetween[uint32](1, 16)),
				"How often that memory is passed over."),
			preset("ARGON2_PARALLELISM", "1", to(&s.Argon2.Parallelism, wholeBetween[uint8](1, 16)),
				"In how many lanes."),
			preset("RECOVERY", "open", to(&s.RecoveryPaused, oneOf("paused", "open")),
				"open, or paused: asking for recovery then answers with the help desk."),
			preset("RATE_LIMITS", "on", to(&s.RateLimits, oneOf("on", "off")),
				"on, or off for load tests: lifts the limits by client address and the login throttle."),
		}},
		{"How long rows are kept", []setting{
			preset("RETENTION_RECOVERIES", "30d", to(&s.RetentionRecoveries, durationBetween(2*day, 3650*day)),
				"Recoveries that matched a member."),
			preset("RETENTION_LETTERS", "90d", to(&s.RetentionLetters, durationBetween(2*day, 3650*day)),
				"What became of letters (never their text)."),
			preset("RETENTION_ACTIVITIES", "400d", to(&s.RetentionActivities, durationBetween(2*day, 3650*day)),
				"What happened to members."),
		}},
		{"Brand and help desk", []setting{
			preset("BRAND_JA", "IMS", to(&s.Brand.JA, parseLine),
				"The service's name on pages and in mails, in Japanese."),
			preset("BRAND_EN", "IMS", to(&s.Brand.EN, parseLine),
				"The same in English."),
			unset("BRAND_COLOR", "#0017c1", to(&s.BrandColour, parseColour),
				"What buttons and the header are drawn in, dark enough for white text; all shades, those of the dark look too, are made from it. The Digital Agency's blue by default."),
			unset("BRAND_LOGO", "/etc/aikagi/logo.svg", to(&s.BrandLogo, parseLogoPath),
				"The file, SVG or PNG, of the logo that stands for the service's name at the head of every page, 32 pixels high. Mails show no pictures."),
			unset("COMPANY_JA", "株式会社アイエムエス", to(&s.Company.JA, parseLine),
				"The company that signs the mails, in Japanese."),
			unset("COMPANY_EN", "IMS Co., Ltd.", to(&s.Company.EN, parseLine),
				"The same in English."),
			unset("COPYRIGHT", "© 2026 IMS Co., Ltd.", to(&s.Copyright, parseLine),
				"The line at the foot of every page."),
			preset("HELP_DESK_NAME_JA", "ヘルプデスク", to(&s.HelpDesk.Name.JA, parseLine),
				"What the help desk is called, in Japanese."),
			preset("HELP_DESK_NAME_EN", "Help desk", to(&s.HelpDesk.Name.EN, parseLine),
				"The same in English."),
			unset("HELP_DESK_PHONE", "0120-000-000", to(&s.HelpDesk.Phone, parseLine),
				"The help desk's telephone number."),
			unset("HELP_DESK_HOURS_JA", "10:00～18:00（年中無休）", to(&s.HelpDesk.Hours.JA, parseLine),
				"When the help desk answers, in Japanese."),
			unset("HELP_DESK_HOURS_EN", "10:00-18:00, every day", to(&s.HelpDesk.Hours.EN, parseLine),
				"The same in English."),
			unset("HELP_DESK_MAIL", "help@example.jp", to(&s.HelpDesk.Mail, parseMailAddress),
				"The help desk's mail address."),
			unset("HELP_DESK_URL", "https://www.example.jp/help", to(&s.HelpDesk.URL, parseWebPage),
				"The help desk's web page."),
			preset("LOGIN_SUFFIX", "@wakwak.com", to(&s.LoginSuffix, parseLoginSuffix),
				"What stands fixed beside the login ID."),
			preset("MAIL_EXAMPLE", "…@xxx.mm-m.ne.jp", to(&s.MailExample, parseMailExample),
				"What a basic mail address looks like."),
			unset("MAILBOX_HELP_JA", "メールボックスの容量をご確認ください。", to(&s.MailboxHelp.JA, parseParagraph),
				"What to do when the mailbox cannot receive, in Japanese."),
			unset("MAILBOX_HELP_EN", "Please check whether your mailbox is full.", to(&s.MailboxHelp.EN, parseParagraph),
				"The same in English."),
			unset("ANNOUNCEMENT_JA", "8月1日 1:00～5:00 はメンテナンスです。", to(&s.Announcement.JA, parseParagraph),
				"Shown on every page while set, in Japanese."),
			unset("ANNOUNCEMENT_EN", "Maintenance on 1 August, 1:00 to 5:00.", to(&s.Announcement.EN, parseParagraph),
				"The same in English."),
			unset("SECURITY_CONTACT", "mailto:security@example.jp", to(&s.SecurityContact, parseContact),
				"Where to report weaknesses, for security.txt: mailto: or https:."),
		}},
		{"Log", []setting{
			preset("LOG_FORMAT", "json", to(&s.LogText, oneOf("text", "json")),
				"json, or text for people."),
			preset("LOG_LEVEL", "info", to(&s.LogLevel, parseLogLevel),
				"debug, info, warn or error."),
		}},
	}
}

// group is a part of the table under one heading.
type group struct {
	heading  string
	settings []setting
}

// setting is a row of the table.
type setting struct {
	name, preset, example, doc string
	secret                     bool // its value is never repeated in a mistake
	read                       func(text string) error
}

// preset makes a setting with a default.
func preset(name, value string, read func(string) error, doc string) setting {
	return setting{name: name, preset: value, example: value, doc: doc, read: read}
}

// unset makes a setting without a default.
func unset(name, example string, read func(string) error, doc string) setting {
	return setting{name: name, example: example, doc: doc, read: read}
}

// secret makes a setting without a default whose value is never shown.
func secret(name, example string, read func(string) error, doc string) setting {
	return setting{name: name, example: example, doc: doc, read: read, secret: true}
}

// to joins a parser to the field that it fills. A parser's error goes on from the value: "has no port".
func to[T any](field *T, parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		value, err := parse(text)
		if err == nil {
			*field = value
		}
		return err
	}
}

// subject is how a mistake calls the value: by quoting it, unless it may hold a password or a mail address.
func (s setting) subject(text string) string {
	const most = 60 // code points; enough to recognise it
	if s.secret || strings.Contains(text, "@") {
		return "the value"
	}
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

func (s setting) right() string { return "right would be " + s.example }

func namesOf(table []group) (names []string) {
	for _, group := range table {
		for _, setting := range group.settings {
			names = append(names, setting.name)
		}
	}
	return names
}
