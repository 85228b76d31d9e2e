// Package pebble runs Pebble, the test CA of Let's Encrypt, in the test's process. A [CA] issues certificates by ACME. It
// validates domains through [Port]s that lead to the servers of the test.
package pebble

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

// CA is a CA with an ACME server.
type CA struct {
	// Directory is the URL of the ACME directory. RootFile is the PEM file of the certificate that verifies its HTTPS.
	Directory, RootFile string
	// HTTP and TLS are the ports that the CA uses in place of 80 and 443 to validate domains.
	HTTP, TLS *Port

	orders atomic.Int64
}

// Orders returns how many certificates were ordered.
func (c *CA) Orders() int { return int(c.orders.Load()) }

// Start starts a CA. It sets environment variables, so the test cannot be parallel.
func Start(t *testing.T) *CA {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	t.Setenv("PEBBLE_AUTHZREUSE", "0")
	c := &CA{HTTP: openPort(t), TLS: openPort(t)}
	quiet, memory := log.New(io.Discard, "", 0), db.NewMemoryStore()
	authority := ca.New(quiet, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	validator := va.New(quiet, c.HTTP.number(), c.TLS.number(), false, startDNS(t), memory)
	front := wfe.New(quiet, memory, validator, authority, nil, false, false, 1, 1)
	handler := front.Handler()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == newOrderPath {
			c.orders.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.Directory = server.URL + wfe.DirectoryPath
	c.RootFile = filepath.Join(t.TempDir(), "ca.pem")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(c.RootFile, root, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// newOrderPath is the path of new orders in Pebble.
const newOrderPath = "/order-plz"

// startDNS starts a DNS server that resolves every name to 127.0.0.1. Pebble uses TCP.
func startDNS(t *testing.T) (address string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
		answer := new(dns.Msg).SetReply(question)
		if name := question.Question[0]; name.Qtype == dns.TypeA {
			answer.Answer = []dns.RR{&dns.A{
				Hdr: dns.RR_Header{Name: name.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(127, 0, 0, 1),
			}}
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}
