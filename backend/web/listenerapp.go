package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// listenerApp is a Server on one listener. It makes the Fiber app, and answers its requests.
type listenerApp struct {
	*Server
	pages   *pages // nil except on the public listener
	sampler sampler
	isPlain bool // the listener without TLS
}

// newApp makes the Fiber app with these routes.
func (a *listenerApp) newApp(routes []route) *fiber.App {
	app := fiber.New(fiber.Config{
		// Otherwise the next request on the connection overwrites the strings of the previous one.
		Immutable:     true,
		CaseSensitive: true,
		StrictRouting: true,

		BodyLimit:      maxBody,
		ReadBufferSize: maxHeader,
		ReadTimeout:    readTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		// An idle connection keeps no buffers: 5 KiB instead of 21, at the cost of one more read for each request. Also, no
		// answer is sent when an idle connection ends: a client that sends a request at that moment would take it for its own.
		ReduceMemoryUsage: true,
		// Otherwise fasthttp parses multipart forms and writes their files to disk before it calls any handler.
		DisablePreParseMultipartForm: true,

		DisableStartupMessage:     true,
		DisableDefaultContentType: true,
		// Requests that could not be read reach no middleware, only this handler.
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			id := newRequestID()
			if p := a.writeProblem(c, id, err); p.isFault() {
				a.logRequest(c, logEntry{id: id, problem: p, cause: err})
			}
			return nil
		},
	})
	app.Use(a.serve)
	for _, r := range routes {
		r.addTo(app)
	}
	a.wrapHandlers(app.Server(), app.Handler())
	return app
}

// wrapHandlers adds what Fiber does not do, around its handlers. The security headers are set here, so that every answer has
// them: also the answer to a request that could not be read, or whose method Fiber does not know.
func (a *listenerApp) wrapHandlers(server *fasthttp.Server, handle fasthttp.RequestHandler) {
	all := a.securityHeaders()
	if !a.isPlain {
		all = append(all, a.strictTransport()...)
	}
	headers := all.canonical()
	handleError := server.ErrorHandler
	server.Handler = func(r *fasthttp.RequestCtx) {
		headers.setOn(&r.Response.Header)
		if !isKnownMethod(string(r.Method())) {
			// Fiber would answer an unknown method in plain text. No route takes TRACE, so the answer is 405 or 404.
			r.Request.Header.SetMethod(fiber.MethodTrace)
			r.SetUserValue(unknownMethodLocal, true)
		}
		whileHandling(r.Conn(), func() { handle(r) })
		if a.Readiness.isStopping() {
			r.SetConnectionClose()
		}
	}
	server.HeaderReceived = restrictChunks
	server.CloseOnShutdown = true // do not wait for idle connections
	server.ErrorHandler = func(r *fasthttp.RequestCtx, err error) {
		headers.setOn(&r.Response.Header)
		lingerBeforeClose(r.Conn())
		if a.pages == nil || !a.pages.rendered.Load().headTooLarge.send(r, err) {
			handleError(r, err)
		}
		r.Response.SkipBody = r.Request.Header.IsHead() || isHEAD(err)
		a.Counters.request(otherLabel, otherLabel, r.Response.StatusCode(), 0)
	}
}

// restrictChunks ends the connection after a request in chunks. If such a request also has a Content-Length, a proxy may have
// used the length, and would look for the next request at another place (RFC 9112, 6.3; ASVS 4.2.1). No browser sends chunks.
//
// A HEAD request in chunks is refused as too large before they are read, as RFC 9110, 9.3.2 allows. If reading them failed,
// fasthttp would forget the method, and the answer would have a body.
func restrictChunks(request *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if isChunked := request.ContentLength() == -1; isChunked {
		request.SetConnectionClose()
		if request.IsHead() {
			request.SetContentLength(maxBody + 1)
		}
	}
	return fasthttp.RequestConfig{}
}

func isKnownMethod(method string) bool {
	return slices.Contains(fiber.DefaultMethods, method)
}

// serve is the middleware of every request. It sets the deadline, turns an error into an answer, then counts and logs the
// request.
func (a *listenerApp) serve(c *fiber.Ctx) error {
	begun, id := a.Now(), newRequestID()
	ctx, cancel := context.WithTimeout(c.UserContext(), handlerTimeout)
	defer cancel()
	if a.Trace != nil {
		var end func(route string, status int)
		ctx, end = a.Trace(ctx, methodOf(c))
		defer func() { end(routeOf(c), c.Response().StatusCode()) }()
	}
	c.SetUserContext(ctx)
	if a.pages != nil {
		a.warnUntrustedProxy(c, begun)
	}
	var p *problem
	err := a.next(c)
	if err != nil {
		p = a.writeProblem(c, id, err)
	}
	took := a.Now().Sub(begun)
	a.count(c, p, took)
	a.logRequest(c, logEntry{id: id, took: took, problem: p, cause: err})
	return nil
}

// next calls the handler. It refuses a request for another host or from another site, and turns a panic into an error.
func (a *listenerApp) next(c *fiber.Ctx) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if a.Demo && !isLoopbackHost(c.Get(fiber.HeaderHost)) {
		return refuse(fiber.StatusMisdirectedRequest, codeMisdirected)
	}
	if a.isCrossSite(c) {
		return refuse(fiber.StatusForbidden, codeCrossSite)
	}
	return c.Next()
}
