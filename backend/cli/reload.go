package cli

import (
	"context"
	"crypto/tls"
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
	s.web.Recovery.SetPaused(settings.RecoveryPaused)
	s.web.Refresh(pageSite(settings))
	s.letters.Rebrand(mailBrand(settings))

	changed := again.Changed
	if s.settings.TLS.IsSet() {
		changed = s.reloadCertificate(ctx, settings.TLS, changed)
	}
	s.log.InfoContext(ctx, "the settings were read again", "changed", changed, "need_restart", again.Restart)
	return again.Reading
}

// What is logged of a certificate, and the setting that is named with it.
const (
	certificateRefused = "browsers refuse the certificate"
	certificateSetting = "AIKAGI_TLS_CERT"
)

// warnOfCertificate logs why browsers would refuse the certificate of AIKAGI_TLS_CERT.
func (s *server) warnOfCertificate(ctx context.Context) {
	if !s.settings.TLS.IsSet() {
		return
	}
	if faults := s.certificateFaults(s.certificate.pair.Load()); len(faults) > 0 {
		s.log.WarnContext(ctx, certificateRefused, "setting", certificateSetting, "wrong", faults)
	}
}

// reloadCertificate reads the certificate again. It keeps the former one if browsers would refuse only the new one. It
// returns the names of the settings that changed.
func (s *server) reloadCertificate(ctx context.Context, files config.TLS, changed []string) []string {
	pair, err := tls.LoadX509KeyPair(files.CertFile, files.KeyFile)
	if err != nil {
		return changed // the error is among the mistakes already
	}
	if faults := s.certificateFaults(&pair); len(faults) > 0 {
		stays := len(s.certificateFaults(s.certificate.pair.Load())) == 0
		s.log.WarnContext(ctx, certificateRefused, "setting", certificateSetting, "wrong", faults, "former_stays", stays)
		if stays {
			return slices.DeleteFunc(changed, func(name string) bool { return name == certificateSetting })
		}
	}
	if s.certificate.replace(&pair) && !slices.Contains(changed, certificateSetting) {
		changed = append(changed, certificateSetting)
	}
	return changed
}

// certificateFaults returns why browsers would refuse the certificate.
func (s *server) certificateFaults(pair *tls.Certificate) []string {
	var found finding
	checkCertificate(certificateSetting, pair.Leaf, string(s.settings.PublicURL), s.clock.Now(), &found)
	return found.Faults
}
