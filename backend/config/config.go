// Package config reads and checks the settings of Aikagi, and reports all mistakes at once.
//
// [Load] returns [Settings], or a [MistakesError] with a [Mistake] for each wrong setting. A setting comes from the
// environment (AIKAGI_LISTEN), from a file that the environment names (AIKAGI_LISTEN_FILE), or from an optional TOML file
// (listen = "…"). The environment overrides the TOML file. An empty value counts as not set. An unknown name is a mistake,
// because otherwise a misspelt setting would be ignored silently.
//
// The file table.go describes every setting once: its name, its default, its parser and its documentation. [Reference]
// and [Example] print that table.
//
// A server that reads its settings again at SIGHUP uses [Read] and [Reading.Reload].
//
// The package uses a TOML decoder and no library for settings: the libraries stop at the first mistake, repeat the wrong
// value in the error, which is often a password, and ignore unknown names.
package config

import (
	"cmp"
	"errors"
	"io/fs"

	"aikagi/backend/secret"
)

// Args says where to read the settings and which of them the command needs.
type Args struct {
	// Environ is the environment, as os.Environ returns it.
	Environ []string
	// File is the path of the TOML file. If it is empty, AIKAGI_CONFIG may name one.
	File string
	// Needs are the settings without which the command does not start. All others that are set are checked too.
	Needs Needs
	// Demo is set in demo mode. Its defaults then meet the Needs.
	Demo *Demo

	// withoutValues keeps all values out of the mistakes.
	withoutValues bool
}

// Needs names settings without a default that a command needs.
type Needs struct {
	PublicURL, Database, Keys bool
	SMTP                      bool // and MAIL_FROM with it
}

// All returns the needs of the server.
func All() Needs { return Needs{PublicURL: true, Database: true, Keys: true, SMTP: true} }

// Load reads and checks the settings. Its error is a [*MistakesError].
func Load(args Args) (Settings, error) {
	reading, err := Read(args)
	return reading.Settings, err
}

// Reading holds the settings and what [Reading.Reload] needs to read them again.
type Reading struct {
	Settings Settings

	args  Args
	texts map[string]secret.Value[string] // the text of each setting that has a value, by name
}

// Read does the same as Load, for a caller that reads the settings again later.
func Read(args Args) (Reading, error) {
	var settings Settings
	var found mistakes
	table := settings.table()
	given, isRead := gather(args, table, &found)
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
	} else if isRead { // otherwise the setting may be in the file
		args.Needs.check(table, given, &found)
	}
	if len(found) > 0 {
		return Reading{}, &MistakesError{Mistakes: found, LogText: settings.LogText}
	}
	return Reading{settings, args, texts}, nil
}

// textsOf returns the text of each setting that has a value: the given one or the default.
func (a Args) textsOf(table []group, given map[string]source) map[string]secret.Value[string] {
	defaults, texts := a.Demo.defaults(), make(map[string]secret.Value[string])
	for _, group := range table {
		for _, setting := range group.settings {
			if text := cmp.Or(given[setting.name].text, defaults[setting.name], setting.preset); text != "" {
				texts[setting.name] = secret.New(text)
			}
		}
	}
	return texts
}

// errorText returns the text of an error of the operating system. With withoutValues it omits the path of the file.
func (a Args) errorText(err error) string {
	if at := (*fs.PathError)(nil); a.withoutValues && errors.As(err, &at) {
		return "the file cannot be read: " + at.Err.Error()
	}
	return err.Error()
}
