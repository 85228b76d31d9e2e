package cli

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"aikagi/backend/testkit"
)

// answered is the status and the headers of an answer.
type answered struct {
	StatusCode int
	Header     http.Header
}

// sendRaw sends the bytes of a request and returns the answer, or nil if the connection was closed without one.
func sendRaw(t *testing.T, address, request string) *answered {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err = io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil
	}
	defer func() { _ = answer.Body.Close() }()
	return &answered{answer.StatusCode, answer.Header}
}

func TestPlainHTTPOnTheTLSPortIsRedirectedToThePublicURL(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	pair, _ := privateCertificate(t)
	tlsFiles(t, cert, key, pair)
	s := newSite(t, testkit.SQLite(t), "AIKAGI_TLS_CERT="+cert, "AIKAGI_TLS_KEY="+key)
	address := s.server.public.Addr().String()
	for _, head := range []string{
		"GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n",
		"GET //attacker.example/ HTTP/1.1\r\nHost: attacker.example\r\nCookie: " + strings.Repeat("a", 8000) + "\r\n\r\n",
		"HEAD /member HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		answer := sendRaw(t, address, head)
		if answer == nil || answer.StatusCode != http.StatusPermanentRedirect || answer.Header.Get("Location") != "https://support.example.jp/" {
			t.Errorf("%.20q: got %+v, want a redirect to the public URL", head, answer)
		} else if answer.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%.20q: HSTS was sent without TLS (RFC 6797, 7.2)", head)
		}
	}
	for _, head := range []string{
		"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "EHLO x\r\n", "SSH-2.0-x\r\n", "\x00\x00\x00\x00\x00\x00",
	} {
		if answer := sendRaw(t, address, head); answer != nil {
			t.Errorf("%.20q: got %d, want no answer", head, answer.StatusCode)
		}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	answer, err := client.Get("https://" + address + "/livez")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("over TLS: got %d", answer.StatusCode)
	}
}
