package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// encrypt does the TLS handshake. If the settings accept any certificate, it stores in c.unverified why the certificate
// cannot be verified, or nil.
func (s *SMTPSettings) encrypt(ctx context.Context, c *conversation) error {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: s.RootCAs}
	if !s.mustVerify() {
		config.InsecureSkipVerify = true // still better than clear text (RFC 7435)
		config.VerifyConnection = func(state tls.ConnectionState) error {
			c.unverified = verify(state, s.Host, s.RootCAs)
			return nil
		}
	}
	stream := tls.Client(c.conn, config)
	if err := c.step(ctx, "TLS handshake", c.timeouts.answer, func() error { return stream.HandshakeContext(ctx) }); err != nil {
		if bad := (*tls.CertificateVerificationError)(nil); errors.As(err, &bad) {
			return &UnverifiedError{err: bad.Err}
		}
		return err
	}
	c.stream, c.encrypted = stream, true
	c.reader = bufio.NewReaderSize(stream, maxReplyLine)
	return nil
}

// verify checks a certificate as crypto/tls does.
func verify(state tls.ConnectionState, host string, roots *x509.CertPool) error {
	others := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		others.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: others})
	if err != nil {
		return &UnverifiedError{err: err}
	}
	return nil
}

// UnverifiedError says why the mail server's certificate cannot be verified. It quotes nothing of the certificate.
type UnverifiedError struct{ err error }

func (e *UnverifiedError) Error() string {
	const subject = "the mail server's certificate "
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(e.err, new(x509.HostnameError)):
		return subject + "is for another name than the server's"
	case errors.As(e.err, new(x509.UnknownAuthorityError)):
		return subject + "is signed by an unknown authority"
	case errors.As(e.err, &invalid) && invalid.Reason == x509.Expired:
		return subject + "has expired, or is not valid yet"
	}
	return subject + "cannot be verified"
}

// Unwrap returns the cause.
func (e *UnverifiedError) Unwrap() error { return e.err }
