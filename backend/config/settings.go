package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Settings holds all settings after the checks. It can be printed, because the secrets redact themselves.
type Settings struct {
	Demo bool

	Listen, OpsListen Address
	ListenHTTP        *Address // nil if off
	PublicURL         Origin   // empty only in demo mode on port 0, see LoopbackOrigin
	TrustedProxies    []netip.Prefix
	TLS               TLS
	ACME              ACME
	CA                CA
	HSTS              uint32        // seconds; 0 if off
	StopDelay         time.Duration // 0 for no delay

	Database Database
	Redis    Redis // if not set, sessions and limits are in memory
	Keys     []Key

	SMTP           SMTP // not set in demo mode
	MailFrom       Mailbox
	MailReturnPath string // the sender in the envelope; empty for the address of MailFrom
	DKIM           DKIM

	TemporaryPasswordLifetime    time.Duration
	SessionIdle, SessionAbsolute time.Duration
	Argon2                       Argon2
	RecoveryPaused               bool
	RateLimits                   bool // false switches off the limits by client address and the login throttle

	RetentionRecoveries, RetentionLetters, RetentionActivities time.Duration

	Brand, Company, MailboxHelp, Announcement Text
	BrandColour                               Colour
	BrandLogo                                 Logo
	Copyright                                 string
	LoginSuffix, MailExample                  string
	HelpDesk                                  HelpDesk
	SecurityContact                           string // a mailto: or https: address, or empty

	Traces Traces

	LogText  bool // text instead of JSON
	LogLevel slog.Level
}

// Argon2 is the cost of hashing a member support password (RFC 9106). Its bounds must be those of package password, which
// would otherwise refuse its own hashes; a test compares them.
type Argon2 struct {
	Memory      uint32 // KiB
	Iterations  uint32
	Parallelism uint8
}

// HelpDesk tells members how to reach the help desk if recovery does not work. Empty fields are not shown.
type HelpDesk struct {
	Name, Hours      Text
	Phone, Mail, URL string
}
