package config

import "time"

// table describes every setting once. Reading a setting writes its value into s. [Reference] and [Example] print the table.
func (s *Settings) table() []group {
	return []group{
		s.addresses(),
		s.storesAndKeys(),
		s.mail(),
		s.passwordsAndSessions(),
		s.retention(),
		s.brandAndHelpDesk(),
		s.log(),
	}
}

func (s *Settings) addresses() group {
	return group{"Addresses", []setting{
		withDefault("LISTEN", "127.0.0.1:8080", to(&s.Listen, parseAddress),
			"Where members are served. Port 0 takes a free one."),
		withDefault("OPS_LISTEN", "127.0.0.1:8081", to(&s.OpsListen, parseAddress),
			"Where metrics and the detailed health are served. Keep it inside."),
		withoutDefault("PUBLIC_URL", "https://support.example.jp", to(&s.PublicURL, parseOrigin),
			"What members see in the address bar; links in mails begin with it. https, or http on loopback."),
		withoutDefault("TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.7", to(&s.TrustedProxies, parseProxies),
			"The proxies whose X-Forwarded-For is believed: networks or addresses. None by default."),
		withoutDefault("TLS_CERT", "/etc/aikagi/cert.pem", to(&s.TLS.CertFile, parsePEMPath),
			"The file with the certificate and its chain, when no proxy does TLS."),
		withoutDefault("TLS_KEY", "/etc/aikagi/key.pem", to(&s.TLS.KeyFile, parsePEMPath),
			"The file with the certificate's private key."),
		withoutDefault("ACME_DOMAINS", "support.example.jp", to(&s.ACME.Domains, parseDomains),
			"The domains, separated by commas, for which the server gets a certificate by itself (ACME), when no proxy does TLS. The CA must reach the server at port 443 (TLS-ALPN-01), or at port 80 with AIKAGI_LISTEN_HTTP (HTTP-01)."),
		withoutDefault("ACME_MAIL", "hostmaster@example.jp", to(&s.ACME.Mail, parseMailAddress),
			"The address that the CA may write to about the certificate."),
		withDefault("ACME_DIRECTORY", "https://acme-v02.api.letsencrypt.org/directory", to(&s.ACME.Directory, parseDirectory),
			"The directory of the CA. Setting ACME_DOMAINS agrees to its terms of service."),
		withoutDefault("ACME_FOLDER", "/var/lib/aikagi/acme", to(&s.ACME.Folder, parseLine),
			"The folder that keeps the certificate, its key and the account's key. Several servers for the same domains share one folder."),
		withDefault("LISTEN_HTTP", "off", to(&s.ListenHTTP, parseOptionalAddress),
			"Where plain HTTP is served, such as :80, or off for nowhere: it answers the challenges of ACME (HTTP-01) and redirects pages to AIKAGI_PUBLIC_URL."),
		withoutDefault("TLS_CA", "/etc/aikagi/ca.pem", to(&s.CA.Path, parsePEMPath),
			"The file with a private CA's certificates, trusted beside the system's by the connections to MySQL, Redis, SMTP and the CA of ACME."),
		withDefault("HSTS", "63072000", to(&s.HSTS, wholeNumber[uint32](0, 315360000)),
			"How long browsers come back over https only, in seconds (Strict-Transport-Security: max-age); 0 sends no such header."),
		withDefault("STOP_DELAY", "5s", to(&s.StopDelay, durationBetween(0, 5*time.Minute)),
			"How long a server that is told to stop serves on while /readyz says 503, so that load balancers leave it. A stop takes at most 10 s more."),
	}}
}

func (s *Settings) storesAndKeys() group {
	return group{"Stores and keys", []setting{
		secretSetting("DATABASE", "mysql://user:password@host:3306/name or sqlite:/var/lib/aikagi/aikagi.db", to(&s.Database, parseDatabase),
			"mysql://user:password@host:3306,host2:3306/name (tried in turn; ?tls=true, ?timeout=5s, …) or sqlite:PATH."),
		withDefault("DATABASE_CONNECTIONS", "32", to(&s.Database.Connections, wholeNumber[uint32](1, 10000)),
			"How many connections to MySQL one server opens at most."),
		secretSetting("REDIS", "redis://user:password@host:6379/0", to(&s.Redis, parseRedis),
			"redis:// or rediss:// (TLS); with Sentinel redis+sentinel://user:password@host:26379,host2:26379/master/0 (the user and the password are the servers'; ?sentinel_user=…&sentinel_password=… are the Sentinels' own). Without it one server keeps sessions and limits in memory."),
		secretSetting("KEYS", "name:base64, as `aikagi keys new` prints it", to(&s.Keys, parseKeys),
			"The keys that temporary passwords are derived from: name:base64,… The first issues, the others still check."),
	}}
}

func (s *Settings) mail() group {
	return group{"Mail", []setting{
		secretSetting("SMTP", "smtp://user:password@host:587", to(&s.SMTP, parseSMTP),
			"smtp:// (STARTTLS when offered, with any certificate; with a password or ?tls=required it must be offered, and the certificate be good) or smtps:// (TLS from the start, good certificate). Ports 587 and 465 unless given. ?timeout=30s bounds each answer (else as RFC 5321 says, minutes), ?ehlo=NAME is what to greet with (else the sender's domain)."),
		withDefault("SMTP_CONNECTIONS", "8", to(&s.SMTP.Connections, wholeNumber[uint32](1, 256)),
			"How many connections to the mail server one server opens at most."),
		withoutDefault("MAIL_FROM", "IMS <support@example.jp>", to(&s.MailFrom, parseMailbox),
			"The sender of all letters: an address, or a name and <address>."),
		withoutDefault("MAIL_RETURN_PATH", "bounces@example.jp", to(&s.MailReturnPath, parseMailAddress),
			"The address that undeliverable letters go back to (the envelope's sender, which SPF judges). That of MAIL_FROM by default."),
		withoutDefault("DKIM_DOMAIN", "example.jp", to(&s.DKIM.Domain, parseDomain),
			"The domain that signs the letters: that of MAIL_FROM, or another one of the same organisation."),
		withoutDefault("DKIM_SELECTOR", "aikagi", to(&s.DKIM.Selector, parseSelector),
			"The selector of the public key in the DNS."),
		secretSetting("DKIM_KEY", "a PEM private key, RSA or Ed25519; name its file in AIKAGI_DKIM_KEY_FILE", to(&s.DKIM.Key, parseDKIMKey),
			"The private key, in PEM: RSA of 2048 bits or more, or Ed25519."),
		withoutDefault("DKIM_SELECTOR_2", "aikagi-ed", to(&s.DKIM.Selector2, parseSelector),
			"The selector of a second key: a letter then carries two signatures. Have one RSA key, since many verifiers do not know Ed25519."),
		secretSetting("DKIM_KEY_2", "a PEM private key, RSA or Ed25519; name its file in AIKAGI_DKIM_KEY_2_FILE", to(&s.DKIM.Key2, parseDKIMKey),
			"The second private key."),
	}}
}

func (s *Settings) passwordsAndSessions() group {
	return group{"Passwords and sessions", []setting{
		withDefault("TEMPORARY_PASSWORD_LIFETIME", "60m", to(&s.TemporaryPasswordLifetime, durationBetween(time.Second, day)),
			"How long a temporary password lives, from its hand-over to the mail server."),
		withDefault("SESSION_IDLE", "30m", to(&s.SessionIdle, durationBetween(time.Second, day)),
			"A session ends after so long without a call."),
		withDefault("SESSION_ABSOLUTE", "12h", to(&s.SessionAbsolute, durationBetween(time.Second, 30*day)),
			"A session ends so long after sign-in."),
		withDefault("ARGON2_MEMORY", "19456", to(&s.Argon2.Memory, wholeNumber[uint32](8, 256<<10)),
			"What hashing a password takes of memory, in KiB."),
		withDefault("ARGON2_ITERATIONS", "2", to(&s.Argon2.Iterations, wholeNumber[uint32](1, 16)),
			"How often that memory is passed over."),
		withDefault("ARGON2_PARALLELISM", "1", to(&s.Argon2.Parallelism, wholeNumber[uint8](1, 16)),
			"In how many lanes."),
		withDefault("RECOVERY", "open", to(&s.RecoveryPaused, oneOf("paused", "open")),
			"open, or paused: asking for recovery then answers with the help desk."),
		withDefault("RATE_LIMITS", "on", to(&s.RateLimits, oneOf("on", "off")),
			"on, or off for load tests: lifts the limits by client address and the login throttle."),
	}}
}

func (s *Settings) retention() group {
	return group{"How long rows are kept", []setting{
		withDefault("RETENTION_RECOVERIES", "30d", to(&s.RetentionRecoveries, durationBetween(2*day, 3650*day)),
			"Recoveries that matched a member."),
		withDefault("RETENTION_LETTERS", "90d", to(&s.RetentionLetters, durationBetween(2*day, 3650*day)),
			"What became of letters (never their text)."),
		withDefault("RETENTION_ACTIVITIES", "400d", to(&s.RetentionActivities, durationBetween(2*day, 3650*day)),
			"What happened to members."),
	}}
}

func (s *Settings) brandAndHelpDesk() group {
	return group{"Brand and help desk", []setting{
		withDefault("BRAND_JA", "IMS", to(&s.Brand.JA, parseLine),
			"The service's name on pages and in mails, in Japanese."),
		withDefault("BRAND_EN", "IMS", to(&s.Brand.EN, parseLine),
			"The same in English."),
		withoutDefault("BRAND_COLOR", "#0017c1", to(&s.BrandColour, parseColour),
			"What buttons and the header are drawn in, dark enough for white text; all shades, those of the dark look too, are made from it. The Digital Agency's blue by default."),
		withoutDefault("BRAND_LOGO", "/etc/aikagi/logo.svg", to(&s.BrandLogo, parseLogoPath),
			"The file, SVG or PNG, of the logo that stands for the service's name at the head of every page, 32 pixels high. Mails show no pictures."),
		withoutDefault("COMPANY_JA", "株式会社アイエムエス", to(&s.Company.JA, parseLine),
			"The company that signs the mails, in Japanese."),
		withoutDefault("COMPANY_EN", "IMS Co., Ltd.", to(&s.Company.EN, parseLine),
			"The same in English."),
		withoutDefault("COPYRIGHT", "© 2026 IMS Co., Ltd.", to(&s.Copyright, parseLine),
			"The line at the foot of every page."),
		withDefault("HELP_DESK_NAME_JA", "ヘルプデスク", to(&s.HelpDesk.Name.JA, parseLine),
			"What the help desk is called, in Japanese."),
		withDefault("HELP_DESK_NAME_EN", "Help desk", to(&s.HelpDesk.Name.EN, parseLine),
			"The same in English."),
		withoutDefault("HELP_DESK_PHONE", "0120-000-000", to(&s.HelpDesk.Phone, parseLine),
			"The help desk's telephone number."),
		withoutDefault("HELP_DESK_HOURS_JA", "10:00～18:00（年中無休）", to(&s.HelpDesk.Hours.JA, parseLine),
			"When the help desk answers, in Japanese."),
		withoutDefault("HELP_DESK_HOURS_EN", "10:00-18:00, every day", to(&s.HelpDesk.Hours.EN, parseLine),
			"The same in English."),
		withoutDefault("HELP_DESK_MAIL", "help@example.jp", to(&s.HelpDesk.Mail, parseMailAddress),
			"The help desk's mail address."),
		withoutDefault("HELP_DESK_URL", "https://www.example.jp/help", to(&s.HelpDesk.URL, parseWebPage),
			"The help desk's web page."),
		withDefault("LOGIN_SUFFIX", "@wakwak.com", to(&s.LoginSuffix, parseLoginSuffix),
			"What stands fixed beside the login ID."),
		withDefault("MAIL_EXAMPLE", "…@xxx.mm-m.ne.jp", to(&s.MailExample, parseMailExample),
			"What a basic mail address looks like."),
		withoutDefault("MAILBOX_HELP_JA", "メールボックスの容量をご確認ください。", to(&s.MailboxHelp.JA, parseParagraph),
			"What to do when the mailbox cannot receive, in Japanese."),
		withoutDefault("MAILBOX_HELP_EN", "Please check whether your mailbox is full.", to(&s.MailboxHelp.EN, parseParagraph),
			"The same in English."),
		withoutDefault("ANNOUNCEMENT_JA", "8月1日 1:00～5:00 はメンテナンスです。", to(&s.Announcement.JA, parseParagraph),
			"Shown on every page while set, in Japanese."),
		withoutDefault("ANNOUNCEMENT_EN", "Maintenance on 1 August, 1:00 to 5:00.", to(&s.Announcement.EN, parseParagraph),
			"The same in English."),
		withoutDefault("SECURITY_CONTACT", "mailto:security@example.jp", to(&s.SecurityContact, parseContact),
			"Where to report weaknesses, for security.txt: mailto: or https:."),
	}}
}

func (s *Settings) log() group {
	return group{"Log", []setting{
		withDefault("LOG_FORMAT", "json", to(&s.LogText, oneOf("text", "json")),
			"json, or text for people."),
		withDefault("LOG_LEVEL", "info", to(&s.LogLevel, parseLogLevel),
			"debug, info, warn or error."),
	}}
}
