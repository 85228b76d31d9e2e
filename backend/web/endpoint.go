package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// endpoint is the Fiber app of one listener: every request passes it before its handler, and every answer after.
type endpoint struct {
	*Server
	pages   *pages // nil but on the public listener
	sampler sampler
	isPlain bool // the listener without TLS
}

// newApp makes the Fiber app with these routes.
func (d *endpoint) newApp(routes []route) *fiber.App {
	app := fiber.New(fiber.Config{
		// Without it, strings of a request are overwritten by the next one on the connection.
		Immutable:     true,
		CaseSensitive: true,
		StrictRouting: true,

		BodyLimit:      maxBody,
		ReadBufferSize: maxHeader,
		ReadTimeout:    readTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		// A connection keeps no buffers while it is idle: 5 KiB instead of 21, for one more read a request. And one
		// on which nothing was asked is closed without an answer, which a request that is on its way just then
		// would take for its own.
		ReduceMemoryUsage: true,
		// fasthttp would parse multipart forms, and write their files to disk, before any handler is asked.
		DisablePreParseMultipartForm: true,

		DisableStartupMessage:     true,
		DisableDefaultContentType: true,
		// Of what pass does not see: requests that could not be read.
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			id := newRequestID()
			if p := d.answer(c, id, err); p.isFault() {
				d.record(c, entry{id: id, refused: p, cause: err})
			}
			return nil
		},
	})
	app.Use(d.pass)
	for _, r := range routes {
		mount(app, r)
	}
	d.wrapWithHeaders(app)
	return app
}

// mount gives a route its place. The body is read and judged before the handler is called.
func mount(app *fiber.App, r route) {
	label := r.label()
	handle := func(c *fiber.Ctx) error {
		c.Locals(routeLocal, label)
		if r.takes == nil {
			return r.handle(c, nil)
		}
		received, err := r.takes.read(c)
		if err != nil {
			return err
		}
		return r.handle(c, received)
	}
	app.Add(r.method, r.path, handle)
	if r.method == fiber.MethodGet {
		app.Add(fiber.MethodHead, r.path, handle)
	}
}

// wrapWithHeaders adds the security headers below Fiber, so that every answer has them: also the answer to a request that
// could not be read, or to a method that Fiber does not know.
func (d *endpoint) wrapWithHeaders(app *fiber.App) {
	secure := d.securityHeaders()
	if !d.isPlain {
		secure = append(secure, d.strictTransport()...)
	}
	headers := secure.canonical()
	server, handle := app.Server(), app.Handler()
	fail := server.ErrorHandler
	server.Handler = func(r *fasthttp.RequestCtx) {
		headers.setOn(&r.Response.Header)
		if !isKnownMethod(string(r.Method())) {
			// Fiber answers an unknown method by itself, in plain text. No route takes TRACE: it ends in 405
			// with Allow, or in 404.
			r.Request.Header.SetMethod(fiber.MethodTrace)
		}
		serving(r.Conn(), func() { handle(r) })
		if d.Readiness.isStopping() {
			r.SetConnectionClose()
		}
	}
	server.HeaderReceived = closeAfterChunks
	server.CloseOnShutdown = true // a stop need not wait for idle connections
	server.ErrorHandler = func(r *fasthttp.RequestCtx, err error) {
		headers.setOn(&r.Response.Header)
		lingerBeforeClose(r.Conn())
		if d.pages == nil || !d.pages.shown.Load().headTooLarge.send(r, err) {
			fail(r, err)
		}
		d.Counters.request(otherLabel, otherLabel, r.Response.StatusCode(), 0)
	}
}

// closeAfterChunks ends the connection after a request in chunks. It may have named a length too, which a proxy in
// front may have believed: what follows is no request then (RFC 9112, 6.3; ASVS 4.2.1). No browser sends chunks.
func closeAfterChunks(request *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if isChunked := request.ContentLength() == -1; isChunked {
		request.SetConnectionClose()
	}
	return fasthttp.RequestConfig{}
}

func isKnownMethod(method string) bool {
	return slices.Contains(fiber.DefaultMethods, method)
}

const routeLocal = "route"

// pass surrounds every handler: a deadline, the answer to an error, one line in the log.
func (d *endpoint) pass(c *fiber.Ctx) error {
	began, id := d.Now(), newRequestID()
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	if d.Trace != nil {
		var end func(route string, status int)
		ctx, end = d.Trace(ctx, c.Method())
		defer func() { end(routeOf(c), c.Response().StatusCode()) }()
	}
	c.SetUserContext(ctx)
	if d.pages != nil {
		d.warnOfForwarded(c, began)
	}
	var refused *problem
	err := d.admit(c)
	if err != nil {
		refused = d.answer(c, id, err)
	}
	took := d.Now().Sub(began)
	d.count(c, refused, took)
	d.record(c, entry{id: id, took: took, refused: refused, cause: err})
	return nil
}

// admit lets a request through to its handler, unless it was meant for another host or comes from another site.
func (d *endpoint) admit(c *fiber.Ctx) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if d.Demo && !isThisMachine(c.Get(fiber.HeaderHost)) {
		return refuse(fiber.StatusMisdirectedRequest, codeMisdirected)
	}
	if d.isFromElsewhere(c) {
		return refuse(fiber.StatusForbidden, codeCrossSite)
	}
	return c.Next()
}
