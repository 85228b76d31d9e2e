package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheDatabaseIsMySQLOnHostsOrASQLiteFile(t *testing.T) {
	readings{
		"mysql://u:p@h:3307/n": "mysql u/p [h:3307] n map[]",
		"mysql://u@H/n":        "mysql u/ [h:3306] n map[]",
		"mysql://u:p%40%2F%25@h1,h2:3307,[::1]:1,[::2]/n": "mysql u/p@/% [h1:3306 h2:3307 [::1]:1 [::2]:3306] n map[]",
		"mysql://u:p@a:b@h/n":                             "mysql u/p@a:b [h:3306] n map[]",
		"mysql://u:p@h/n?tls=skip-verify&timeout=5s":      "mysql u/p [h:3306] n map[timeout:5s tls:skip-verify]",
		"mysql://u:p@h/n?parseTime=true&charset=utf8mb4":  "mysql u/p [h:3306] n map[]",
		"mysql://h/n":                          "! has no user before the host",
		"mysql://u:p@h":                        "! has no database name after the host",
		"mysql://u:p@/n":                       "! has no host",
		"mysql://u:p@h,/n":                     "! has no host",
		"mysql://u:p@h:/n":                     "! has a port that is not a number from 1 to 65535",
		"mysql://u:p@h:0/n":                    "! has a port that is not a number from 1 to 65535",
		"mysql://u:p@::1/n":                    "! has a host that is not host:port (IPv6 in brackets)",
		"mysql://u:p@h h/n":                    "! holds a space or a control character",
		"mysql://u:p@256.1.1.1/n":              "! has a host that is neither a name nor an IP address",
		"mysql://u:secret%zz@h/n":              "! has a % in the user or the password that is not followed by two hexadecimal digits (write %25)",
		"mysql://u:sec/ret@h/n":                "! has a / or a ? in the user or the password (write %2F or %3F)",
		"mysql://u:sec?ret@h/n":                "! has a / or a ? in the user or the password (write %2F or %3F)",
		"mysql://u:p@h/n/m":                    "! has a database name that is not of A-Z a-z 0-9 _ $ -",
		"mysql://u:p@h/n?tls=yes":              "! has the option tls with none of true, false, preferred, skip-verify",
		"mysql://u:p@h/n?timeout=5":            "! has the option timeout without a duration such as 5s",
		"mysql://u:p@h/n?tls=true&tls=false":   "! has the option tls twice",
		"mysql://u:p@h/n?multiStatements=true": "! has an unknown option after the ? (known are tls, timeout, readTimeout and writeTimeout)",
		"mysql://u:p@h/n?loc=Local":            "! has an unknown option after the ? (known are tls, timeout, readTimeout and writeTimeout)",
		"mysql://u:p@h/n?a;b":                  "! has options after the ? that are not name=value&name=value",
		"u:p@tcp(h:3306)/n":                    "! does not begin with mysql://",
		"sqlite:a b.db":                        "sqlite a b.db",
		"sqlite:/var/lib/aikagi/aikagi.db":     "sqlite /var/lib/aikagi/aikagi.db",
		"sqlite:":                              "! has no path after its sqlite: prefix",
		"sqlite:///var/lib/a.db":               "! has slashes like a URL (write sqlite:/var/lib/aikagi/aikagi.db)",
		"sqlite::memory:":                      "! is a database in memory, which a restart would lose",
		"sqlite:a.db?mode=ro":                  "! is more than a path",
		"sqlite:file:a.db":                     "! is more than a path",
	}.check(t, shown(parseDatabase, func(d Database) string {
		if d.Dialect == SQLite {
			return "sqlite " + d.Path
		}
		return fmt.Sprint(d.Dialect, " ", d.User+"/"+d.Password.Reveal(), " ", d.Hosts, " ", d.Name, " ", d.Options)
	}))
}

func TestRedisIsOneServerOrSentinels(t *testing.T) {
	readings{
		"redis://h":                      "[h:6379]  / 0 false",
		"redis://h:1/3":                  "[h:1]  / 3 false",
		"rediss://u:p@h/":                "[h:6379]  u/p 0 true",
		"redis://:p@h":                   "[h:6379]  /p 0 false",
		"redis+sentinel://u:p@a,b:1/m/2": "[a:26379 b:1] m u/p 2 false",
		"rediss+sentinel://a/m":          "[a:26379] m / 0 true",
		"redis://secret@h":               "! has a user without a password (a password alone is :password@)",
		"redis://a,b":                    "! has several hosts, which need Sentinel (redis+sentinel://host:26379,host2:26379/master)",
		"redis+sentinel://a,b":           "! names no master after the Sentinels (redis+sentinel://host:26379/master)",
		"redis://h/x":                    "! has something else than a database number at the end",
		"redis://h/-1":                   "! has something else than a database number at the end",
		"redis://h?db=1":                 "! has options after a ?, but takes none",
		"h:6379":                         "! does not begin with redis:// or redis+sentinel:// or rediss:// or rediss+sentinel://",
	}.check(t, shown(parseRedis, func(r Redis) string {
		return fmt.Sprint(r.Hosts, " ", r.Master, " ", r.User+"/"+r.Password.Reveal(), " ", r.Database, " ", r.TLS)
	}))
}

func TestAPasswordIsNeverSentToAMailServerInClear(t *testing.T) {
	readings{
		"smtp://h":                    "h 587 / opportunistic",
		"smtp://h:25?tls=required":    "h 25 / required",
		"smtp://u:p%20w@h:2525":       "h 2525 u/p w required",
		"smtps://u%40example.jp:p@h/": "h 465 u@example.jp/p implicit",
		"smtp://[::1]:25":             "::1 25 / opportunistic",
		"smtp://u@h":                  "! has a user without a password, or a password without a user",
		"smtp://:p@h":                 "! has a user without a password, or a password without a user",
		"smtp://u:p@h?tls=off":        "! has the option tls with something else than required",
		"smtp://u:p@h?tls=":           "! has the option tls with something else than required",
		"smtp://u:p@h?auth=plain":     "! has an unknown option after the ? (known are tls, timeout and ehlo)",
		"smtp://a,b":                  "! has several hosts, but takes one",
		"smtp://h/x":                  "! has a path after the host",
		"mail.example.jp:25":          "! does not begin with smtp:// or smtps://",
	}.check(t, shown(parseSMTP, func(s SMTP) string {
		return fmt.Sprint(s.Host, " ", s.Port, " ", s.User+"/"+s.Password.Reveal(), " ", s.TLS)
	}))
}

func TestTimeoutAndEHLOAreOptionsOfSMTP(t *testing.T) {
	readings{
		"smtp://h":                                  "0s ",
		"smtp://h?timeout=90s":                      "1m30s ",
		"smtps://u:p@h/?timeout=10m&ehlo=a.b.jp":    "10m0s a.b.jp",
		"smtp://h?ehlo=mail-1.example.jp":           "0s mail-1.example.jp",
		"smtp://h?ehlo=localhost&tls=required":      "0s localhost",
		"smtp://h?ehlo=[192.0.2.1]":                 "0s [192.0.2.1]",
		"smtp://h?ehlo=%5BIPv6:2001:db8::1%5D":      "0s [IPv6:2001:db8::1]",
		"smtp://h?timeout=":                         "! has a timeout that is not a duration (a number and s, m, h or d)",
		"smtp://h?timeout=30":                       "! has a timeout that has no unit (s, m, h or d)",
		"smtp://h?timeout=999ms":                    "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=11m":                      "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=-5s":                      "! has a timeout that is not between 1s and 10m0s",
		"smtp://h?timeout=5s&timeout=6s":            "! has the option timeout twice",
		"smtp://h?ehlo=":                            "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=a%0d%0aMAIL":                 "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=a+b":                         "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=192.0.2.1":                   "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=[2001:db8::1]":               "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=[192.0.2.1":                  "! has the option ehlo with neither a host name nor an IP address in brackets",
		"smtp://h?ehlo=" + strings.Repeat("a", 254): "! has the option ehlo with neither a host name nor an IP address in brackets",
	}.check(t, shown(parseSMTP, func(s SMTP) string { return s.Timeout.String() + " " + s.EHLO }))
}
