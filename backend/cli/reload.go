package cli

import (
	"context"
	"log/slog"
	"os"
	"slices"

	"aikagi/backend/config"
)

// reloadAtHangups reloads the settings at each SIGHUP, until ctx ends.
func (s *server) reloadAtHangups(ctx context.Context, hangups <-chan os.Signal, reading config.Reading, level *slog.LevelVar) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			reading = s.reload(ctx, reading, level)
		}
	}
}

// reload reads the settings again and applies those that a running server can change. It logs which settings changed,
// which need a restart, and each mistake by the name of its setting.
func (s *server) reload(ctx context.Context, former config.Reading, level *slog.LevelVar) config.Reading {
	again := former.Reload()
	for _, m := range again.Mistakes {
		s.log.WarnContext(ctx, "a setting is wrong; its former value stays",
			"setting", m.Setting, "from", m.From, "wrong", m.Wrong, "right", m.Right)
	}
	settings := again.Settings
	settings.PublicURL = s.settings.PublicURL // a demo takes it from its listener
	level.Set(settings.LogLevel)
	s.web.Recovery.Pause(settings.RecoveryPaused)
	s.web.Refresh(pageSite(settings))
	s.letters.Rebrand(mailBrand(settings))

	changed := again.Changed
	if s.settings.TLS.IsSet() {
		const setting = "AIKAGI_TLS_CERT"
		isOther, err := s.certificate.load(settings.TLS) // an error is among the mistakes already
		if err == nil && isOther && !slices.Contains(changed, setting) {
			changed = append(changed, setting)
		}
	}
	s.log.InfoContext(ctx, "the settings were read again", "changed", changed, "need_restart", again.Restart)
	return again.Reading
}
