package web

import (
	"net"

	"github.com/gofiber/fiber/v2"
)

// isFromElsewhere says whether a request that could change something was caused by another site (CSRF, and login
// CSRF): browsers say so in Sec-Fetch-Site, older ones in Origin. With neither it is no browser, and has no
// member's cookies to misuse. GET changes nothing, so a link from the mail is let in.
func (s *Server) isFromElsewhere(c *fiber.Ctx) bool {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions, fiber.MethodTrace:
		return false
	}
	// "none" (typed, or from a bookmark) is refused too: nobody types a POST.
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site != "same-origin"
	}
	origin := c.Get(fiber.HeaderOrigin)
	return origin != "" && origin != s.ownOrigin(c)
}

// ownOrigin is the configured one. In demo mode the browser may call this machine by any of its names; Host was
// checked then.
func (s *Server) ownOrigin(c *fiber.Ctx) string {
	if s.Demo {
		return "http://" + c.Get(fiber.HeaderHost)
	}
	return s.PublicURL
}

// isThisMachine keeps other sites off the demo: a name of theirs that they point to 127.0.0.1 (DNS rebinding)
// arrives with that name as Host.
func isThisMachine(hostAndPort string) bool {
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
