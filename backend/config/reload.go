package config

import "aikagi/backend/secret"

import "slices"

// reloadable are the settings that a running server changes at SIGHUP. The certificate and its key change together or not
// at all.
var reloadable = []string{
	tlsCert, tlsKey, "RECOVERY", "LOG_LEVEL",
	"ANNOUNCEMENT_JA", "ANNOUNCEMENT_EN", "MAILBOX_HELP_JA", "MAILBOX_HELP_EN",
	"HELP_DESK_NAME_JA", "HELP_DESK_NAME_EN", "HELP_DESK_PHONE", "HELP_DESK_HOURS_JA", "HELP_DESK_HOURS_EN",
	"HELP_DESK_MAIL", "HELP_DESK_URL",
}

const tlsCert, tlsKey = "TLS_CERT", "TLS_KEY"

const reloadNote = "SIGHUP changes it while the server runs."

func isReloadable(name string) bool { return slices.Contains(reloadable, name) }

// Reloaded is the result of reading the settings again.
type Reloaded struct {
	// Reading holds the old settings, with the new values of those that are reloadable.
	Reading
	// Changed names the settings that have new values now. Restart names those that have changed and need a restart.
	Changed, Restart []string
	// Mistakes names the settings that are wrong, so that their old values stay. They hold no values.
	Mistakes []Mistake
}

// Reload reads the TOML file and all files that the environment names again. It takes each setting over separately, so that
// a mistake in one does not affect the others.
func (r Reading) Reload() Reloaded {
	args := r.args
	args.withoutValues = true
	reloaded := Reloaded{Reading: r}
	_, err := Load(args)
	if mistaken, is := err.(*MistakesError); is { //nolint:errorlint // Load returns no other error
		reloaded.Mistakes = mistaken.Mistakes
	}
	fresh := new(Settings)
	table := fresh.table()
	given, isRead := gather(args, table, new(mistakes)) // Load has reported the mistakes
	texts := args.textsOf(table, given)
	for _, group := range table {
		for _, setting := range group.settings {
			isUnreadable := given[setting.name].broken || !isRead && !given[setting.name].isSet()
			reloaded.compare(setting, texts, isUnreadable)
		}
	}
	reloaded.compareTLS(fresh, texts)
	reloaded.apply(fresh)
	reloaded.texts = texts
	return reloaded
}

// compare records whether a setting has changed, and leaves the valid text in texts. If the setting's source could not be
// read, or its text is wrong, the old text stays.
func (r *Reloaded) compare(s setting, texts map[string]secret.Value[string], isUnreadable bool) {
	before, now := r.texts[s.name], texts[s.name]
	if isUnreadable || now.Reveal() != "" && s.read(now.Reveal()) != nil {
		texts[s.name] = before
		if before.Reveal() != "" {
			_ = s.read(before.Reveal()) // it was valid before
		}
		return
	}
	switch {
	case now.Reveal() == before.Reveal():
	case isReloadable(s.name):
		r.Changed = append(r.Changed, prefix+s.name)
	default:
		r.Restart = append(r.Restart, prefix+s.name)
		texts[s.name] = before // so that the next reload reports it again
	}
}

// compareTLS keeps the old certificate and key if the new ones cannot be used. To switch TLS on or off needs a restart.
func (r *Reloaded) compareTLS(fresh *Settings, texts map[string]secret.Value[string]) {
	former := r.Settings.TLS
	isTLS := fresh.TLS.IsSet()
	if fresh.TLS == former || former.IsSet() && isTLS && fresh.TLS.check() == nil {
		return
	}
	for _, name := range []string{tlsCert, tlsKey} {
		texts[name] = r.texts[name]
		if at := slices.Index(r.Changed, prefix+name); at >= 0 {
			r.Changed = slices.Delete(r.Changed, at, at+1)
			if former.IsSet() != isTLS {
				r.Restart = append(r.Restart, prefix+name)
			}
		}
	}
	fresh.TLS = former
}

// apply copies the reloadable settings.
func (r *Reloaded) apply(fresh *Settings) {
	s := &r.Settings
	s.TLS, s.RecoveryPaused, s.LogLevel = fresh.TLS, fresh.RecoveryPaused, fresh.LogLevel
	s.Announcement, s.MailboxHelp, s.HelpDesk = fresh.Announcement, fresh.MailboxHelp, fresh.HelpDesk
}

// withoutValue describes a mistake without repeating a part of the value. The parsers of the reloadable settings quote
// nothing; some others do.
func (s setting) withoutValue(err error) string {
	if isReloadable(s.name) {
		return "the value " + err.Error()
	}
	return "the value is wrong"
}
