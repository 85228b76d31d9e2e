package config

// check adds a mistake for each needed setting that is not set.
func (n Needs) check(table []group, given map[string]source, found *mistakes) {
	needed := map[string]bool{
		"PUBLIC_URL": n.PublicURL, "DATABASE": n.Database, "SMTP": n.SMTP, "MAIL_FROM": n.SMTP, "KEYS": n.Keys,
	}
	for _, group := range table {
		for _, setting := range group.settings {
			if needed[setting.name] && !given[setting.name].isSet() {
				found.add(setting.name, "", "is not set", setting.right())
			}
		}
	}
}

// checkTogether finds settings that contradict each other.
func (s *Settings) checkTogether(args Args, given map[string]source, found *mistakes) {
	if s.Listen == s.OpsListen && s.Listen.Port != 0 && !given["OPS_LISTEN"].broken {
		found.add("OPS_LISTEN", given["OPS_LISTEN"].from, "is the same as AIKAGI_LISTEN",
			"right would be another port, such as 127.0.0.1:8081")
	}
	s.checkListenHTTP(given, found)
	s.checkDKIM(given, found)
	s.checkACME(args, given, found)
	if allOrNone(given, found, "TLS_CERT", "TLS_KEY") && s.TLS.IsSet() {
		if err := s.TLS.check(); err != nil {
			found.add("TLS_CERT", given["TLS_CERT"].from, "and AIKAGI_TLS_KEY cannot be used: "+args.errorText(err),
				"right would be two PEM files that belong together: the certificate with its chain, and its private key")
		}
	}
	if s.BrandLogo.Path != "" {
		if err := s.BrandLogo.read(); err != nil {
			found.add("BRAND_LOGO", given["BRAND_LOGO"].from, args.errorText(err), "right would be a file that holds a small SVG or PNG")
		}
	}
	if s.Argon2.Memory != 0 && s.Argon2.Parallelism != 0 && s.Argon2.Memory < 8*uint32(s.Argon2.Parallelism) {
		found.add("ARGON2_MEMORY", given["ARGON2_MEMORY"].from, "is less than 8 KiB for each lane of AIKAGI_ARGON2_PARALLELISM",
			"right would be 19456 with a parallelism of 1")
	}
}

// allOrNone reports whether all of the named settings are set, or none. Otherwise it adds mistakes.
func allOrNone(given map[string]source, found *mistakes, names ...string) bool {
	var set, missing []string
	for _, name := range names {
		if given[name].isSet() {
			set = append(set, prefix+name)
		} else {
			missing = append(missing, name)
		}
	}
	if len(set) == 0 || len(missing) == 0 {
		return true
	}
	for _, name := range missing {
		found.add(name, "", "is not set, but "+joinWords(set)+" is", "right would be to set all of them, or none")
	}
	return false
}
