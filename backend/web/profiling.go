package web

import (
	"net/http"
	"net/http/pprof" // it also registers its handlers with http.DefaultServeMux, which is never served

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// profilingRoutes returns the routes of net/http/pprof, for the operations listener. Profiles hold names of functions and
// numbers, but no content of the memory.
func profilingRoutes() []route {
	return []route{
		{get, "/debug/pprof/", nil, passTo(http.HandlerFunc(pprof.Index))},
		{get, "/debug/pprof/cmdline", nil, passTo(http.HandlerFunc(pprof.Cmdline))},
		{get, "/debug/pprof/profile", nil, passTo(http.HandlerFunc(pprof.Profile))},
		{get, "/debug/pprof/symbol", nil, passTo(http.HandlerFunc(pprof.Symbol))},
		{get, "/debug/pprof/trace", nil, passTo(http.HandlerFunc(pprof.Trace))},
		{get, "/debug/pprof/:profile", nil, passTo(http.HandlerFunc(pprof.Index))},
	}
}

// passTo adapts a handler of net/http.
func passTo(handler http.Handler) func(*fiber.Ctx, values) error {
	handle := adaptor.HTTPHandler(handler)
	return func(c *fiber.Ctx, _ values) error { return handle(c) }
}
