package web

import (
	"net/http"
	"net/http/pprof" // it also registers itself with http.DefaultServeMux, which nothing here serves

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// profilingRoutes are those of net/http/pprof, for the operations listener. A profile tells function names and amounts,
// and no content of the memory.
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

// passTo lets a handler of net/http answer.
func passTo(handler http.Handler) func(*fiber.Ctx, fields) error {
	handle := adaptor.HTTPHandler(handler)
	return func(c *fiber.Ctx, _ fields) error { return handle(c) }
}
