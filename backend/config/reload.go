package config

import "aikagi/backend/secret"

import "slices"

// atOnce are the settings that a running server changes at SIGHUP. The certificate and its key count as one.
var atOnce = []string{
	tlsCert, tlsKey, "RECOVERY", "LOG_LEVEL",
	"ANNOUNCEMENT_JA", "ANNOUNCEMENT_EN", "MAILBOX_HELP_JA", "MAILBOX_HELP_EN",
	"HELP_DESK_NAME_JA", "HELP_DESK_NAME_EN", "HELP_DESK_PHONE", "HELP_DESK_HOURS_JA", "HELP_DESK_HOURS_EN",
	"HELP_DESK_MAIL", "HELP_DESK_URL",
}

const tlsCert, tlsKey = "TLS_CERT", "TLS_KEY"

const changedAtOnce = "SIGHUP changes it while the server runs."

func isAtOnce(name string) bool { return slices.Contains(atOnce, name) }

// Reloaded is what came of reading the settings again.
type Reloaded struct {
	// Reading holds the former settings, with what has changed and takes effect at once.
	Reading
	// Changed are the names of these, Restart those of the settings that have changed and need a restart.
	Changed, Restart []string
	// Mistakes name settings whose former values stay. They hold no value.
	Mistakes []Mistake
}

// Again reads the TOML file and every file that the environment names again, for a server that runs. Each setting is
// taken by itself: a mistake in one leaves the others.
func (r Reading) Again() Reloaded {
	args := r.args
	args.withoutValues = true
	reloaded := Reloaded{Reading: r}
	_, err := Load(args)
	if mistaken, is := err.(*MistakesError); is { //nolint:errorlint // Load returns no other
		reloaded.Mistakes = mistaken.Mistakes
	}
	fresh := new(Settings)
	table := fresh.table()
	given, isRead := gather(args, table, new(mistakes)) // Load has told them
	texts := args.textsOf(table, given)
	for _, group := range table {
		for _, setting := range group.settings {
			lost := given[setting.name].broken || !isRead && !given[setting.name].isSet()
			reloaded.compare(setting, texts, lost)
		}
	}
	reloaded.compareTLS(fresh, texts)
	reloaded.take(fresh)
	reloaded.texts = texts
	return reloaded
}

// compare notes whether a setting has changed, and leaves in texts what holds from now on. A setting is lost when it may
// have been set, in a way that cannot be read.
func (r *Reloaded) compare(s setting, texts map[string]secret.Value[string], lost bool) {
	before, now := r.texts[s.name], texts[s.name]
	if lost || now.Reveal() != "" && s.read(now.Reveal()) != nil {
		texts[s.name] = before
		if before.Reveal() != "" {
			_ = s.read(before.Reveal()) // it was read before without a mistake
		}
		return
	}
	switch {
	case now.Reveal() == before.Reveal():
	case isAtOnce(s.name):
		r.Changed = append(r.Changed, prefix+s.name)
	default:
		r.Restart = append(r.Restart, prefix+s.name)
		texts[s.name] = before // to be named at the next reload, too
	}
}

// compareTLS keeps the former certificate and key when the new ones cannot be used. A server that speaks TLS does so until
// it is restarted, and one that does not, does not.
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

// take takes over what a running server can change.
func (r *Reloaded) take(fresh *Settings) {
	s := &r.Settings
	s.TLS, s.RecoveryPaused, s.LogLevel = fresh.TLS, fresh.RecoveryPaused, fresh.LogLevel
	s.Announcement, s.MailboxHelp, s.HelpDesk = fresh.Announcement, fresh.MailboxHelp, fresh.HelpDesk
}

// withoutValue says what is wrong with a setting's value and repeats nothing of it: of the parsers of other settings, some
// quote a part.
func (s setting) withoutValue(err error) string {
	if isAtOnce(s.name) {
		return "the value " + err.Error()
	}
	return "the value is wrong"
}
