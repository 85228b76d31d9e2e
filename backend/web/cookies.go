package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The cookies' names, before the prefix.
const (
	sessionCookie = "session"
	grantCookie   = "grant"
	deviceCookie  = "device"
)

// deviceLasts is as long as browsers keep a cookie. Members come once in years; the mark opens nothing.
const deviceLasts = 400 * 24 * time.Hour

// cookieName adds the prefix with which browsers take a cookie from this host over https alone, for all paths
// (ASVS 3.3.3). Without https, which only the demo on this machine goes without, browsers would refuse it.
func (s *Server) cookieName(name string) string {
	if s.cookiesArePlain() {
		return name
	}
	return "__Host-" + name
}

func (s *Server) cookiesArePlain() bool {
	return s.Demo && strings.HasPrefix(s.PublicURL, "http://")
}

// setCookie gives a secret to the browser: to no script (HttpOnly), with no request that another site causes
// (SameSite). Without a lifetime it lasts until the browser closes; the server ends it earlier.
func (s *Server) setCookie(c *fiber.Ctx, name, value string, lifetime time.Duration) {
	s.writeCookie(c, name, value, lifetime > 0, lifetime)
}

func (s *Server) clearCookie(c *fiber.Ctx, name string) {
	s.writeCookie(c, name, "", true, 0)
}

func (s *Server) writeCookie(c *fiber.Ctx, name, value string, ends bool, lifetime time.Duration) {
	cookie := s.cookieName(name) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict"
	if ends {
		cookie += fmt.Sprintf("; Max-Age=%d", int(lifetime.Seconds()))
	}
	if !s.cookiesArePlain() {
		cookie += "; Secure"
	}
	c.Response().Header.Add(fiber.HeaderSetCookie, cookie)
}

func (s *Server) cookie(c *fiber.Ctx, name string) string {
	return c.Cookies(s.cookieName(name))
}
