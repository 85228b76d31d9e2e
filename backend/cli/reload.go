package cli

import (
	"context"
	"log/slog"
	"os"
	"slices"

	"aikagi/backend/config"
)

// reloadAt reads the settings again at each SIGHUP, until ctx ends.
func (s *server) reloadAt(ctx context.Context, hangups <-chan os.Signal, reading config.Reading, level *slog.LevelVar, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			reading = s.reload(ctx, reading, level, log)
		}
	}
}

// reload reads the settings again and puts those into effect that a running server can change. It logs what changed,
// what needs a restart, and each mistake by its setting's name.
func (s *server) reload(ctx context.Context, former config.Reading, level *slog.LevelVar, log *slog.Logger) config.Reading {
	again := former.Reload()
	for _, m := range again.Mistakes {
		log.WarnContext(ctx, "a setting is wrong; its former value stays",
			"setting", m.Setting, "from", m.From, "wrong", m.Wrong, "right", m.Right)
	}
	settings := again.Settings
	settings.PublicURL = s.settings.PublicURL // which a demo takes from its listener
	level.Set(settings.LogLevel)
	s.front.Recovery.Pause(settings.RecoveryPaused)
	s.front.Refresh(pageSite(settings))
	s.letters.Rebrand(mailBrand(settings))

	changed := again.Changed
	if s.settings.TLS.IsSet() {
		const setting = "AIKAGI_TLS_CERT"
		isOther, err := s.shownCertificate.load(settings.TLS) // an error is among the mistakes
		if err == nil && isOther && !slices.Contains(changed, setting) {
			changed = append(changed, setting)
		}
	}
	log.InfoContext(ctx, "the settings were read again", "changed", changed, "need_restart", again.Restart)
	return again.Reading
}
