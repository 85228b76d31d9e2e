// Package web is the HTTP server: the JSON API, the app's pages and files, and the endpoints for operators.
//
// A [Server] holds the settings and the services that handlers call. It makes one Fiber app for each listener:
// [Server.Public] for browsers, [Server.Operations] for operators and proxies, and [Server.Plain] for HTTP without TLS.
// [Guard] bounds the connections of a TCP listener, and [Secure] puts TLS on it.
//
// A request takes this way:
//
//  1. The guarded listener accepts the connection (listener.go, connections.go).
//  2. listenerApp.serve sets the deadline and calls listenerApp.next, which refuses requests that another site caused.
//  3. A route of the table in routes.go decodes the body (decode.go) and calls the handler. There is a file of handlers
//     for each resource: recoveries.go, disavowals.go, sessions.go, members.go, site.go, auth.go.
//  4. The handler takes a try from each limit that applies (limits.go), parses the input and calls package recovery, login or
//     session.
//  5. An error becomes a status and a code in one place (problem.go). The answer is counted (counters.go), and written to
//     the log (log.go).
//
// Every answer has the security headers of headers.go. The app's page and files come from memory (pages.go, files.go).
// [Readiness] checks the dependencies in the background, for /readyz and for metrics.
//
// The contract is openapi.yaml in this folder. A test compares it with the table of routes.
//
// Links and origins come from the settings, never from Host, Forwarded or X-Forwarded-Host. Only the demo reads Host: it
// refuses hosts that are not this machine, and accepts the others as its origin.
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

// Bounds of one request.
const (
	// maxBody bounds a body, in bytes. A longer one gets 413 and ends the connection.
	maxBody = 8 << 10
	// maxHeader bounds the request line and all header lines together, in bytes (ASVS 4.2.5). Cookies of the parent
	// domain take up to 10 KiB in practice.
	maxHeader = 16 << 10
	// readTimeout is the time to read a whole request, and writeTimeout the time to write a whole answer. A slow client cannot
	// hold a connection for longer.
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	// idleTimeout bounds the time between two requests on a connection. It is longer than the 60 s of load balancers
	// (AWS, nginx), so that the load balancer closes first: a request that it sends while the server closes gets no answer,
	// and load balancers do not repeat a POST.
	idleTimeout = 75 * time.Second
	// handlerTimeout bounds the work of a handler. It is longer than the wait for a hash (2 s) and a transaction that is
	// repeated. The app in the browser waits twice as long.
	handlerTimeout = 15 * time.Second
)

// Bounds of all connections of one listener.
const (
	// maxConnections keeps the memory below 350 MiB: an idle connection takes 5 KiB, and one that sends or reads slowly
	// 28 KiB. If a thousand members come each minute, about a thousand connections are idle.
	maxConnections = 12_000
	// sendBuffer and receiveBuffer are the buffers of one connection in the kernel, in bytes; the kernel takes twice as much.
	// Without them the kernel buffers 4 MiB for a client that does not read: a thousand such clients used up all memory
	// for TCP, and the server answered nobody.
	sendBuffer    = 64 << 10
	receiveBuffer = 16 << 10
	// spareFiles is the number of connections to close when the program has no more file descriptors. The server then waits
	// for acceptRetry, so that connections to the database, Redis and the mail server get the descriptors. There are at most
	// half as many of them.
	spareFiles  = 64
	acceptRetry = 20 * time.Millisecond
	// minWait is how long every connection may wait for its client before it can be closed for a new one. It is longer than
	// two round trips of a phone (the TLS handshake, then the request). If it were shorter, a flood would close a member's
	// connection before its first request. While none has waited so long, new connections wait in the kernel's queue.
	minWait = 500 * time.Millisecond
)

// Server answers browsers and operators. Before the first call of a method, set every field except the optional ones.
type Server struct {
	Recovery *recovery.Service
	Login    *login.Service
	Sessions *session.Keeper
	Devices  *session.Devices
	// Limits bounds tries by client address, login ID and recovery. Optional: nil means no limits, for load tests.
	Limits *throttle.Throttle

	// Site holds what pages show. The Server fills in the fields that the program decides.
	Site Site
	// Logo is shown in place of the brand's name. Optional.
	Logo *Logo
	// App holds the built app with index.html at its root. It is empty if the app was not built.
	App fs.FS
	// PublicURL is the address of the server for members, in the form of an Origin header: no slash at the end, no default
	// port.
	PublicURL string
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Optional: without them the header is ignored.
	TrustedProxies []netip.Prefix
	// HSTS is the max-age of Strict-Transport-Security, in seconds. Optional: with 0 the header is not sent.
	HSTS int
	// Challenge returns the answer to an ACME challenge of the type http-01, by its token. Optional: without it every token is
	// unknown.
	Challenge func(ctx context.Context, token string) (answer string, known bool)
	// SecurityContact is the mailto: or https: address in security.txt. Optional: without it there is no such file.
	SecurityContact string

	// Demo shows the mailbox, refuses requests whose Host is not a name of this machine, and leaves out the prefix of cookie
	// names if PublicURL is http.
	Demo bool
	// Mailbox holds the letters of the demo. It is used only if Demo is set.
	Mailbox *mail.Mailbox

	// Readiness answers /readyz on both listeners.
	Readiness *Readiness
	// Metrics serves /metrics on the operations listener. Optional: without it there is no such endpoint.
	Metrics http.Handler
	// Counters count the answers.
	Counters Counters
	// Trace begins the trace of a request, and returns a func that ends it. The func gets the same route and status as
	// Counters.Request. Optional.
	Trace func(ctx context.Context, method string) (context.Context, func(route string, status int))
	// Unavailable reports whether an error means that the database could not be reached. Such an error gets 503. Optional.
	Unavailable func(error) bool

	Now func() time.Time
	Log *slog.Logger

	pages            *pages               // of Public
	forwardedWarning hourly               // of warnUntrustedProxy
	refreshed        atomic.Pointer[Site] // the Site of the last Refresh, or nil
}

// Public makes the app of the listener for browsers.
func (s *Server) Public() *fiber.App {
	s.pages = s.newPages()
	a := &listenerApp{Server: s, pages: s.pages, sampler: sampler{log: s.Log}}
	return a.newApp(a.publicRoutes())
}

// Refresh replaces what pages show while the server runs. The logo stays. Call it after Public, and never concurrently.
func (s *Server) Refresh(site Site) {
	site.Brand.Logo = s.Site.Brand.Logo
	s.refreshed.Store(&site)
	s.pages.rendered.Store(s.renderPages(s.completeSite(), s.pages.files))
}

// Operations makes the app of the listener for operators, with endpoints that must not be public (ASVS 13.4.5).
func (s *Server) Operations() *fiber.App {
	a := &listenerApp{Server: s, sampler: sampler{log: s.Log}}
	return a.newApp(s.operationsRoutes())
}

// Plain makes the app of the listener without TLS. It answers ACME challenges and redirects pages to PublicURL.
func (s *Server) Plain() *fiber.App {
	a := &listenerApp{Server: s, sampler: sampler{log: s.Log}, isPlain: true}
	return a.newApp(s.plainRoutes())
}
