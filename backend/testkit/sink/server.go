// Package sink has a mail server for tests. A [Server] accepts letters over SMTP on a free port of the loopback interface. It
// delivers none, but keeps each as a [Letter] for the test. A [Mode] makes it refuse, delay or drop the next letters. It
// also listens on an HTTP port, where tests in other languages read the letters and set the mode.
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

// Server is a Sink that listens.
type Server struct {
	*Sink
	// SMTPPort accepts letters. HTTPPort serves them, and the mode.
	SMTPPort, HTTPPort int

	mails *smtp.Server
	pages *http.Server
	ended chan error
}

// Start starts a sink. The caller must call Close.
func Start(now func() time.Time) (*Server, error) { return StartTLS(now, nil) }

// StartTLS is Start, and offers STARTTLS if certificate is not nil.
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
	s.mails.ErrorLog = log.New(io.Discard, "", 0) // broken connections are expected
	s.pages = &http.Server{Handler: s.Pages(), ReadHeaderTimeout: 5 * time.Second}
	go func() { s.ended <- s.mails.Serve(mails) }()
	go func() { s.ended <- s.pages.Serve(pages) }()
	return s, nil
}

// Ended receives the error if a listener fails.
func (s *Server) Ended() <-chan error { return s.ended }

// SMTP returns the address in the form of the setting AIKAGI_SMTP.
func (s *Server) SMTP() string { return fmt.Sprintf("smtp://127.0.0.1:%d", s.SMTPPort) }

// Close closes the listeners and all connections.
func (s *Server) Close() error { return errors.Join(s.mails.Close(), s.pages.Close()) }

func listen() (net.Listener, error) {
	return net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until the process ends
}

func port(listener net.Listener) int {
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port
}
