package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"

	"aikagi/backend/config"
	"aikagi/backend/web"
)

// listen opens the listeners. They are not served yet.
func (s *server) listen(ctx context.Context) (err error) {
	if s.public, err = listenOn(ctx, "AIKAGI_LISTEN", s.settings.Listen); err != nil {
		return err
	}
	if s.operations, err = listenOn(ctx, "AIKAGI_OPS_LISTEN", s.settings.OpsListen); err != nil {
		return err
	}
	if s.settings.ListenHTTP != nil {
		if s.plain, err = listenOn(ctx, "AIKAGI_LISTEN_HTTP", *s.settings.ListenHTTP); err != nil {
			return err
		}
	}
	return s.secure()
}

// listenOn listens on the address of a setting.
func listenOn(ctx context.Context, setting string, address config.Address) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: another program listens on %s already; stop it, or set %s to an address whose port is free",
			setting, address, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot listen on %s: %w", setting, address, err)
	}
	return web.Guard(listener), nil
}

// secure wraps the public listener in TLS if the settings have a certificate or ACME (ASVS 12.1.1).
func (s *server) secure() (err error) {
	shown := new(certificate)
	switch {
	case s.settings.ACME.IsSet():
		if s.acme, err = newACMEWorker(s.settings, shown, s.clock.Now); err != nil {
			return fmt.Errorf("AIKAGI_ACME_FOLDER: %w", err)
		}
		shown.challenge = s.acme.challenge
	case s.settings.TLS.IsSet():
		pair, err := tls.LoadX509KeyPair(s.settings.TLS.CertFile, s.settings.TLS.KeyFile)
		if err != nil {
			return fmt.Errorf("AIKAGI_TLS_CERT and AIKAGI_TLS_KEY: %w", err)
		}
		shown.replace(&pair)
	default:
		return nil
	}
	s.certificate = shown
	s.public = web.Secure(s.public, shown.config(), string(s.settings.PublicURL))
	return nil
}

func addressOf(listener net.Listener) config.Address {
	tcp, _ := listener.Addr().(*net.TCPAddr)
	return config.Address{Host: "localhost", Port: tcp.Port}
}
