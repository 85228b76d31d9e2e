package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"aikagi/backend/config"
	"aikagi/backend/web"
)

// listen opens the listeners, without serving yet.
func (s *server) listen(ctx context.Context, now func() time.Time) error {
	var config net.ListenConfig
	type listening struct {
		setting string
		address string
		into    *net.Listener
	}
	all := []listening{
		{"AIKAGI_LISTEN", s.settings.Listen.String(), &s.public},
		{"AIKAGI_OPS_LISTEN", s.settings.OpsListen.String(), &s.operations},
	}
	if s.settings.ListenHTTP != nil {
		all = append(all, listening{"AIKAGI_LISTEN_HTTP", s.settings.ListenHTTP.String(), &s.plain})
	}
	for _, which := range all {
		listener, err := config.Listen(ctx, "tcp", which.address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s: another program listens on %s already; stop it, or set %s to an address whose port is free",
				which.setting, which.address, which.setting)
		}
		if err != nil {
			return fmt.Errorf("%s: cannot listen on %s: %w", which.setting, which.address, err)
		}
		*which.into = listener
	}
	s.public, s.operations = web.Guard(s.public), web.Guard(s.operations)
	if s.plain != nil {
		s.plain = web.Guard(s.plain)
	}
	return s.secure(now)
}

// secure puts TLS around the public listener when the server does it itself (ASVS 12.1.1).
func (s *server) secure(now func() time.Time) (err error) {
	shown := new(certificate)
	switch {
	case s.settings.ACME.IsSet():
		if s.acme, err = newACMEWorker(s.settings, shown, now); err != nil {
			return fmt.Errorf("AIKAGI_ACME_FOLDER: %w", err)
		}
		shown.challenge = s.acme.challenge
	case s.settings.TLS.IsSet():
		if _, err := shown.load(s.settings.TLS); err != nil {
			return fmt.Errorf("AIKAGI_TLS_CERT and AIKAGI_TLS_KEY: %w", err)
		}
	default:
		return nil
	}
	s.shownCertificate = shown
	s.public = web.Secure(s.public, shown.config(), string(s.settings.PublicURL))
	return nil
}

func addressOf(listener net.Listener) config.Address {
	tcp, _ := listener.Addr().(*net.TCPAddr)
	return config.Address{Host: "localhost", Port: tcp.Port}
}
