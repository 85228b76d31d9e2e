package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// sink is a real mail server on loopback that keeps the letters it accepts, and can be made to misbehave. A test sets
// its hooks before the first letter.
type sink struct {
	port int

	onMail, onRcpt func() error
	// onData gets the whole letter before the server answers to the final dot.
	onData func(c *smtp.Conn) error
	// password, when set, is asked for.
	password string

	mu          sync.Mutex
	taken       []acceptedLetter
	connections []net.Conn // all connections so far
	transcript  strings.Builder
	left        chan struct{} // one for each connection that ended
}

// acceptedLetter is a letter that the sink has accepted.
type acceptedLetter struct{ from, to, data string }

type sinkOption func(*smtp.Server)

// withTLS makes the sink offer STARTTLS.
func withTLS(certificate tls.Certificate) sinkOption {
	return func(server *smtp.Server) {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
}

// withOldTLS limits the sink to TLS versions that clients refuse.
func withOldTLS(server *smtp.Server) {
	server.TLSConfig.MinVersion, server.TLSConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
}

func newSink(t *testing.T, options ...sinkOption) *sink {
	t.Helper()
	return startSink(t, false, options...)
}

// startSink starts a sink on loopback. With implicit, connections begin with TLS.
func startSink(t *testing.T, implicit bool, options ...sinkOption) *sink {
	t.Helper()
	s := &sink{left: make(chan struct{}, 100)}
	server := smtp.NewServer(s)
	server.Domain = "sink.example"
	server.AllowInsecureAuth = true // the client must refuse by itself to send a password in clear text
	server.EnableSMTPUTF8 = true
	server.Debug = s
	server.ErrorLog = silent{}
	for _, option := range options {
		option(server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	listener = watched{listener, s}
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // the server does not close the listener before the first connection
		<-ended
	})
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// Write appends to the transcript.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transcript.Write(p)
}

func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &sinkSession{sink: s, conn: c}, nil
}

// watched is the sink's listener. It counts connections and reports their ends.
type watched struct {
	net.Listener
	sink *sink
}

func (w watched) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn = &watchedConn{Conn: conn, sink: w.sink}
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	w.sink.connections = append(w.sink.connections, conn)
	return conn, nil
}

type watchedConn struct {
	net.Conn
	sink *sink
	once sync.Once
}

func (c *watchedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.sink.left <- struct{}{} })
	return err
}

// closeConnections closes all connections, as a server does that restarts.
func (s *sink) closeConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.connections {
		_ = conn.Close()
	}
}

func (s *sink) letters() []acceptedLetter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]acceptedLetter(nil), s.taken...)
}

func (s *sink) connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.connections)
}

func (s *sink) transcriptText() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transcript.String()
}

type sinkSession struct {
	sink     *sink
	conn     *smtp.Conn
	from, to string
}

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	if s.sink.onMail != nil {
		return s.sink.onMail()
	}
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.sink.onRcpt != nil {
		return s.sink.onRcpt()
	}
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.sink.onData != nil {
		if err := s.sink.onData(s.conn); err != nil {
			return err
		}
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.taken = append(s.sink.taken, acceptedLetter{s.from, s.to, string(data)})
	return nil
}

func (*sinkSession) Reset() {}

func (*sinkSession) Logout() error { return nil }

func (s *sinkSession) AuthMechanisms() []string {
	if s.sink.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *sinkSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ims" || password != s.sink.password {
			return errors.New("no")
		}
		return nil
	}), nil
}

// newCertificate makes a certificate for 127.0.0.1 or another name, and the pool that verifies it.
func newCertificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	certificate := newCertificateUntil(t, name, time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC))
	parsed, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return certificate, pool
}

func newCertificateUntil(t *testing.T, name string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              until,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
