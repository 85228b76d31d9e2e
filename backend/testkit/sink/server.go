// Package sink is a mail server for tests: it takes every letter, delivers none, and shows what it took. It listens
// on free ports of the loopback.
package sink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/emersion/go-smtp"
)

// Server is a sink that listens.
type Server struct {
	*Sink
	// SMTPPort and HTTPPort are where it takes letters, and where it shows them and takes its mode.
	SMTPPort, HTTPPort int

	mails *smtp.Server
	pages *http.Server
	ended chan error
}

// Start makes a sink listen until Close.
func Start(now func() time.Time) (*Server, error) { return StartTLS(now, nil) }

// StartTLS is Start with STARTTLS offered; without a certificate it is not.
func StartTLS(now func() time.Time, certificate *tls.Certificate) (*Server, error) {
	mails, err := listen()
	if err != nil {
		return nil, err
	}
	pages, err := listen()
	if err != nil {
		return nil, errors.Join(err, mails.Close())
	}
	s := &Server{Sink: &Sink{Now: now}, SMTPPort: port(mails), HTTPPort: port(pages), ended: make(chan error, 2)}
	s.mails = smtp.NewServer(s.Sink)
	s.mails.Domain = "localhost"
	s.mails.AllowInsecureAuth = true
	if certificate != nil {
		s.mails.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	s.mails.ErrorLog = log.New(io.Discard, "", 0) // connections that break off are what the sink is for
	s.pages = &http.Server{Handler: s.Pages(), ReadHeaderTimeout: 5 * time.Second}
	go func() { s.ended <- s.mails.Serve(mails) }()
	go func() { s.ended <- s.pages.Serve(pages) }()
	return s, nil
}

// Ended tells when one of the listeners failed.
func (s *Server) Ended() <-chan error { return s.ended }

// SMTP is the address as the setting has it.
func (s *Server) SMTP() string { return fmt.Sprintf("smtp://127.0.0.1:%d", s.SMTPPort) }

// Close stops listening and ends all connections.
func (s *Server) Close() error { return errors.Join(s.mails.Close(), s.pages.Close()) }

func listen() (net.Listener, error) {
	return net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until the process ends
}

func port(listener net.Listener) int {
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port
}
