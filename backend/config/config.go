// Package config reads the settings of Aikagi, checks them, and reports every mistake at once.
//
// A setting comes from the environment (AIKAGI_LISTEN), from a file that the environment names
// (AIKAGI_LISTEN_FILE), or from an optional TOML file (listen = "…"); the environment wins. An empty value is the
// same as none. A name that is no setting is a mistake, since a misspelt setting would otherwise be off in silence.
// The settings stand in one table (settings.go), from which the reference is printed too.
//
// Of libraries, a TOML decoder is enough: those that fill structs from the environment stop at the first mistake,
// put the wrong value (here often a password) into the error, and know nothing of names that are no settings.
package config

import (
	"cmp"
	"errors"
	"io/fs"
)

// Args says where the settings are and what the command wants of them.
type Args struct {
	// Environ is the environment, as os.Environ gives it.
	Environ []string
	// File is the TOML file; empty for the one that AIKAGI_CONFIG names, if any.
	File string
	// Needs are the settings without which the command refuses to start. Whatever else is set is checked as well.
	Needs Needs
	// Demo is set in demo mode; then Needs are met by its defaults.
	Demo *Demo

	// withoutValues keeps every value out of the mistakes.
	withoutValues bool
}

// Needs names the settings that have no default and that a command cannot do without.
type Needs struct {
	PublicURL, Database, Keys bool
	SMTP                      bool // and MAIL_FROM with it
}

// All is what the server needs.
func All() Needs { return Needs{PublicURL: true, Database: true, Keys: true, SMTP: true} }

// Load reads and checks the settings. Its error is a *MistakesError, which holds all mistakes.
func Load(args Args) (Settings, error) {
	reading, err := Read(args)
	return reading.Settings, err
}

// Reading is what a server keeps to read its settings again: see [Reading.Again].
type Reading struct {
	Settings Settings

	args  Args
	texts map[string]Secret[string] // of each setting that has one, by name
}

// Read is Load for settings that are read again later.
func Read(args Args) (Reading, error) {
	var settings Settings
	var found mistakes
	table := settings.table()
	given, _ := gather(args, table, &found)
	texts := args.textsOf(table, given)
	for _, group := range table {
		for _, setting := range group.settings {
			text, from := texts[setting.name].Reveal(), given[setting.name].from
			if text == "" {
				continue
			}
			if err := setting.read(text); err != nil {
				wrong := setting.subject(text) + " " + err.Error()
				if args.withoutValues {
					wrong = setting.withoutValue(err)
				}
				found.add(setting.name, from, wrong, setting.right())
				given[setting.name] = source{from: from, broken: true}
			}
		}
	}

	settings.Traces = readTraces(args.Environ, &found)
	settings.trustCA(given, &found)
	settings.checkTogether(args, given, &found)
	if args.Demo != nil {
		settings.checkDemo(given, &found)
	} else {
		args.Needs.check(table, given, &found)
	}
	if len(found) > 0 {
		return Reading{}, &MistakesError{Mistakes: found, LogText: settings.LogText}
	}
	return Reading{settings, args, texts}, nil
}

// textsOf gives the text of each setting that has one: what is given, or the default.
func (a Args) textsOf(table []group, given map[string]source) map[string]Secret[string] {
	defaults, texts := a.Demo.defaults(), make(map[string]Secret[string])
	for _, group := range table {
		for _, setting := range group.settings {
			if text := cmp.Or(given[setting.name].text, defaults[setting.name], setting.preset); text != "" {
				texts[setting.name] = NewSecret(text)
			}
		}
	}
	return texts
}

// say words an error of the system, without the file's path where no value may be told.
func (a Args) say(err error) string {
	if at := (*fs.PathError)(nil); a.withoutValues && errors.As(err, &at) {
		return "the file cannot be read: " + at.Err.Error()
	}
	return err.Error()
}

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

// checkTogether finds settings that are right alone but not together.
func (s *Settings) checkTogether(args Args, given map[string]source, found *mistakes) {
	if s.Listen == s.OpsListen && s.Listen.Port != 0 && !given["OPS_LISTEN"].broken {
		found.add("OPS_LISTEN", given["OPS_LISTEN"].from, "is the same as AIKAGI_LISTEN",
			"right would be another port, such as 127.0.0.1:8081")
	}
	s.checkListenHTTP(given, found)
	s.checkDKIM(given, found)
	s.checkACME(args, given, found)
	if together(given, found, "TLS_CERT", "TLS_KEY") && s.TLS.IsSet() {
		if err := s.TLS.check(); err != nil {
			found.add("TLS_CERT", given["TLS_CERT"].from, "and AIKAGI_TLS_KEY cannot be used: "+args.say(err),
				"right would be two PEM files that belong together: the certificate with its chain, and its private key")
		}
	}
	if s.BrandLogo.Path != "" {
		if err := s.BrandLogo.read(); err != nil {
			found.add("BRAND_LOGO", given["BRAND_LOGO"].from, args.say(err), "right would be a file that holds a small SVG or PNG")
		}
	}
	if s.Argon2.Memory != 0 && s.Argon2.Parallelism != 0 && s.Argon2.Memory < 8*uint32(s.Argon2.Parallelism) {
		found.add("ARGON2_MEMORY", given["ARGON2_MEMORY"].from, "is less than 8 KiB for each lane of AIKAGI_ARGON2_PARALLELISM",
			"right would be 19456 with a parallelism of 1")
	}
}

// together demands that all of the named settings are set, or none. It says whether that holds.
func together(given map[string]source, found *mistakes, names ...string) bool {
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
