// Package web is the HTTP server: the routes (one table, routes.go), what every request passes before its
// handler (endpoint.go), the handlers, the one place where errors become answers (problem.go), the security headers,
// and the app's files. openapi.yaml beside it is the contract; a test compares the two.
//
// Nothing is derived from Host, Forwarded or X-Forwarded-Host: links and origins come from the settings. The one
// use of Host is the demo's check that a request was meant for this machine.
package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/login"
	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
	"aikagi/backend/throttle"
)

// What one request may cost. Every bound stands in this block.
const (
	// maxBody is the longest body that is read, in bytes. A longer one is 413 and ends the connection.
	maxBody = 8 << 10
	// maxHeader bounds the request line and all header lines together, in bytes (ASVS 4.2.5). Cookies of the parent
	// domain take up to 10 KiB in practice.
	maxHeader = 16 << 10
	// readTimeout is for a whole request, writeTimeout for a whole answer: a slow sender holds a connection no longer.
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	// idleTimeout is for a connection between two requests. It is longer than the 60 s for which load balancers keep
	// theirs (AWS, nginx): whoever closes first must be the one that sends requests, since one that is sent while the
	// other end closes gets no answer, and a POST is not repeated.
	idleTimeout = 75 * time.Second
	// patience is how long one request may take in the other packages: the wait for a hash (2 s) and a transaction that is
	// begun anew fit in. The app in the browser waits twice as long.
	patience = 15 * time.Second
)

// What all connections of a listener together may cost.
const (
	// maxConnections bounds them. An idle one takes 5 KiB, one that sends or reads slowly 28: under 350 MiB in all.
	// A thousand members a minute leave a thousand idle.
	maxConnections = 12_000
	// sendBuffer and receiveBuffer are a connection's in the kernel, in bytes, which takes twice as many. Left to itself
	// it buffers 4 MiB of answers for who does not read them: a thousand such clients used up all memory for TCP, and
	// nobody was served.
	sendBuffer    = 64 << 10
	receiveBuffer = 16 << 10
	// spareFiles are freed when the program has run out of files, and left to others for acceptAgain: the database,
	// Redis and the mail server have at most half as many connections to open.
	spareFiles  = 64
	acceptAgain = 20 * time.Millisecond
	// leastWait is how long a connection may wait for its client before it gives way. It is longer than two round trips
	// of a phone (the TLS handshake, then the request): otherwise a flood would close a member's connection between
	// its opening and its first request. While all are younger, new connections wait in the kernel's queue.
	leastWait = 500 * time.Millisecond
)

// Server answers browsers and operators. Set every field that is not called optional, then start Public and
// Operations on listeners.
type Server struct {
	Recovery *recovery.Service
	Login    *login.Service
	Sessions *session.Keeper
	Devices  *session.Devices
	// Limits bounds tries by client address and by login ID. Optional: none lifts them, for load tests.
	Limits *throttle.Throttle

	// Site is what pages show; Public completes it.
	Site Site
	// Logo is served with the app's files and shown for the brand's name. Optional.
	Logo *Logo
	// App holds the built app with index.html at its root, or nothing when it was not built.
	App fs.FS
	// PublicURL is where members reach the server, as a browser writes an Origin: no slash at the end, no default
	// port.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Optional: none is the safe default.
	TrustedProxies []netip.Prefix
	// HSTS is how many seconds browsers come back over https only. Optional: 0 does not tell them.
	HSTS int
	// Challenge answers a CA that asks over plain HTTP, by the token that it names. Optional: without it no token is known.
	Challenge func(ctx context.Context, token string) (answer string, known bool)
	// SecurityContact is the mailto: or https: address of security.txt. Optional: without it there is no such file.
	SecurityContact string

	// Demo makes both listeners answer to this machine's own names alone, gives cookies plain names when PublicURL
	// is http, and shows the mailbox.
	Demo bool
	// Mailbox holds the demo's letters. Not used outside demo mode.
	Mailbox *mail.Mailbox

	// Readiness is what readyz answers, on both listeners.
	Readiness *Readiness
	// Metrics is what the operations listener shows at /metrics. Optional: without it there is no such address.
	Metrics http.Handler
	// Counters count what is answered.
	Counters Counters
	// Trace begins the trace of a request; its end is told what Counters.Request is. Optional.
	Trace func(ctx context.Context, method string) (context.Context, func(route string, status int))
	// Unavailable says of an error that a store was out of reach: trying again later may help. Optional.
	Unavailable func(error) bool

	Now func() time.Time
	Log *slog.Logger

	pages     *pages               // of Public
	forwarded hourly               // warnings of X-Forwarded-For
	refreshed atomic.Pointer[Site] // nil until Refresh
}

// Public makes the listener's app for browsers.
func (s *Server) Public() *fiber.App {
	s.pages = s.newPages()
	d := &endpoint{Server: s, pages: s.pages, sampler: sampler{log: s.Log}}
	return d.newApp(d.publicRoutes())
}

// Refresh changes what pages show while the server runs. Call it after Public, and not twice at once. The logo stays.
func (s *Server) Refresh(site Site) {
	site.Brand.Logo = s.Site.Brand.Logo
	s.refreshed.Store(&site)
	s.pages.shown.Store(s.fillPages(s.completeSite(), s.pages.files))
}

// Operations makes the listener's app for operators: what must not be public (ASVS 13.4.5).
func (s *Server) Operations() *fiber.App {
	d := &endpoint{Server: s, sampler: sampler{log: s.Log}}
	return d.newApp(s.operationsRoutes())
}
