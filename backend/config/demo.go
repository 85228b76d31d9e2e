package config

import "aikagi/backend/secret"

// Demo holds the defaults of demo mode.
type Demo struct {
	// Path is the SQLite file.
	Path string
	// Keys has the form of the setting KEYS: name:base64.
	Keys secret.Value[string]
}

// defaults returns the default texts of demo mode, by name of the setting.
func (d *Demo) defaults() map[string]string {
	if d == nil {
		return nil
	}
	return map[string]string{
		"DATABASE":           "sqlite:" + d.Path,
		"KEYS":               d.Keys.Reveal(),
		"MAIL_FROM":          "IMS <member-support@example.jp>",
		"COPYRIGHT":          "© IMS",
		"COMPANY_JA":         "IMS 会員サポート",
		"COMPANY_EN":         "IMS Member Support",
		"HELP_DESK_PHONE":    "0120-000-000",
		"HELP_DESK_HOURS_JA": "10:00～18:00（年中無休）",
		"HELP_DESK_HOURS_EN": "10:00-18:00, every day",
		"HELP_DESK_MAIL":     "help-desk@example.jp",
		"HELP_DESK_URL":      "https://www.example.jp/help",
		"LOG_FORMAT":         "text",
		"STOP_DELAY":         "0s", // a demo has no load balancer
	}
}

// checkDemo refuses settings that connect a demo to the network or to real members, because its password is public.
func (s *Settings) checkDemo(given map[string]source, found *mistakes) {
	s.Demo = true
	const orServe = ", or to serve without --demo"
	if !given["LISTEN"].broken && !s.Listen.IsLoopback() {
		found.add("LISTEN", given["LISTEN"].from, "is not on loopback, and this is a demo", "right would be 127.0.0.1:8080"+orServe)
	}
	if !given["OPS_LISTEN"].broken && !s.OpsListen.IsLoopback() {
		found.add("OPS_LISTEN", given["OPS_LISTEN"].from, "is not on loopback, and this is a demo", "right would be 127.0.0.1:8081"+orServe)
	}
	if s.ListenHTTP != nil && !s.ListenHTTP.IsLoopback() {
		found.add("LISTEN_HTTP", given["LISTEN_HTTP"].from, "is not on loopback, and this is a demo", "right would be not to set it"+orServe)
	}
	if given["ACME_DOMAINS"].isSet() {
		found.add("ACME_DOMAINS", given["ACME_DOMAINS"].from, "is set, and this is a demo", "right would be not to set it"+orServe)
	}
	if s.Database.Dialect == MySQL {
		found.add("DATABASE", given["DATABASE"].from, "is on MySQL, and this is a demo", "right would be not to set it"+orServe)
	}
	if given["SMTP"].isSet() {
		found.add("SMTP", given["SMTP"].from, "is set, and this is a demo, whose letters stay inside", "right would be not to set it"+orServe)
	}
	switch {
	case !given["PUBLIC_URL"].isSet():
		if s.Listen.Port != 0 {
			s.PublicURL = LoopbackOrigin(s.Listen)
		}
	case !given["PUBLIC_URL"].broken && !s.PublicURL.IsLoopback():
		found.add("PUBLIC_URL", given["PUBLIC_URL"].from, "is not on loopback, and this is a demo", "right would be not to set it"+orServe)
	}
}
