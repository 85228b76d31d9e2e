package web

import (
	"net"

	"github.com/gofiber/fiber/v2"
)

// isCrossSite reports whether another site caused a request that could change something (CSRF, also at sign-in). Browsers send
// Sec-Fetch-Site, older ones Origin. A request with neither comes from no browser, so it has no cookies of a member to
// misuse. GET changes nothing, so links from a letter work.
func (s *Server) isCrossSite(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions, fiber.MethodTrace:
		return false
	}
	// "none" means a typed address or a bookmark, which never cause a POST.
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin"
	}
	origin := c.Get(fiber.HeaderOrigin)
	return origin != "" && origin != s.ownOrigin(c)
}

// ownOrigin returns the origin of PublicURL. In demo mode the browser may use any name of this machine, and Host was checked.
func (s *Server) ownOrigin(c *fiber.Ctx) string {
	if s.Demo {
		return "http://" + c.Get(fiber.HeaderHost)
	}
	return s.PublicURL
}

// isLoopbackHost reports whether Host is a name of this machine. It keeps other sites away from the demo: if such a site makes
// its own name lead to 127.0.0.1 (DNS rebinding), the browser sends that name as Host.
func isLoopbackHost(hostAndPort string) bool {
	host, _, err := net.SplitHostPort(hostAndPort)
	if err != nil {
		host = hostAndPort // without a port
	}
	switch host {
	case "localhost", "127.0.0.1", "::1", "[::1]":
		return true
	}
	return false
}
