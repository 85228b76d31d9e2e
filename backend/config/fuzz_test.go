package config

import (
	"strings"
	"testing"
)

// FuzzServices looks for texts of DATABASE, REDIS, SMTP and KEYS that panic or that are accepted with incomplete results.
func FuzzServices(f *testing.F) {
	for _, seed := range []string{
		"mysql://u:p@h:3306,h2/n?tls=true&timeout=5s", "mysql://u:p%40@[::1]:1/n", "mysql://u:p/w@h/n", "mysql://@/?", "sqlite:a.db", "sqlite:",
		"redis://:p@h/3", "rediss://u:p@h", "redis+sentinel://u:p@a,b:1/m/2", "redis://p@h",
		"smtp://u:p@h:587?tls=required", "smtp://h?timeout=30s&ehlo=mail.example.jp", "smtp://h?ehlo=%5B192.0.2.1%5D", "smtps://h", "smtp://[::1]:25", "smtp://u@h",
		"a:" + key32, "a:" + key32 + ",b:_-8" + key32 + "\n", "a:", ":,:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if database, err := parseDatabase(text); err == nil {
			mysql := database.User != "" && database.Name != "" && len(database.Hosts) > 0 && database.Path == ""
			sqlite := database.Path != "" && len(database.Hosts) == 0
			if mysql != (database.Dialect == MySQL) || sqlite != (database.Dialect == SQLite) {
				t.Errorf("DATABASE %q is accepted incompletely: %+v", text, database)
			}
		}
		if redis, err := parseRedis(text); err == nil {
			if !redis.IsSet() || redis.Database < 0 || (len(redis.Hosts) > 1 && redis.Master == "") {
				t.Errorf("REDIS %q is accepted incompletely: %+v", text, redis)
			}
		}
		if smtp, err := parseSMTP(text); err == nil {
			if !smtp.IsSet() || smtp.Port < 1 || (smtp.Password.Reveal() != "" && smtp.TLS == Opportunistic) {
				t.Errorf("SMTP %q would be sent in clear or nowhere: %+v", text, smtp)
			}
			if strings.ContainsFunc(smtp.EHLO, func(r rune) bool { return r <= ' ' || r > '~' }) || smtp.Timeout < 0 || smtp.Timeout > mostSMTPTimeout {
				t.Errorf("SMTP %q has an EHLO name with other characters, or waits too long: %+v", text, smtp)
			}
		}
		if keys, err := parseKeys(text); err == nil {
			for _, key := range keys {
				if len(key.Secret.Reveal()) < minKey || key.Name == "" {
					t.Errorf("KEYS %q holds a short key", text)
				}
			}
		}
	})
}

// FuzzMistakesKeepSecrets puts a password into each secret setting. No mistake may repeat the password.
func FuzzMistakesKeepSecrets(f *testing.F) {
	for _, seed := range []string{"#/?@:%zz", "a b\n", "%", "@@", "[]", "?tls=required&tls=x", "/n/m", ",,:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, noise string) {
		const password = "qK7vXw93"
		for _, entry := range []string{
			"DATABASE=mysql://u:" + password + noise + "@h/n", "DATABASE=" + noise + password,
			"REDIS=redis://u:" + noise + password + "@h", "SMTP=smtp://u:" + password + noise + "@h", "SMTP=smtp://u@h" + noise + password,
			"KEYS=" + password + noise, "KEYS=a:" + noise + password, "DKIM_KEY=" + password + noise,
			"PUBLIC_URL=https://u:" + password + "@h" + noise, "DATABASE_FILE=/nowhere/" + password,
		} {
			_, err := Load(Args{Environ: []string{prefix + entry}})
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("%q: the mistake repeats it: %v", entry, err)
			}
		}
	})
}
