package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Names of the cookies, without the prefix.
const (
	sessionCookie = "session"
	grantCookie   = "grant"
	deviceCookie  = "device"
)

// deviceLifetime is the longest lifetime that browsers allow. Members come back after years, and the mark of a device gives no
// access.
const deviceLifetime = 400 * 24 * time.Hour

// cookieName adds the prefix __Host-. Browsers accept such a cookie only from this host, over https and for all paths (ASVS
// 3.3.3). The demo over http has no prefix, because browsers would refuse the cookie.
func (s *Server) cookieName(name string) string {
	if s.hasInsecureCookies() {
		return name
	}
	return "__Host-" + name
}

func (s *Server) hasInsecureCookies() bool {
	return s.Demo && strings.HasPrefix(s.PublicURL, "http://")
}

// setCookie stores a secret in the browser. Scripts cannot read it (HttpOnly), and requests that another site causes do not
// carry it (SameSite). With lifetime 0 the cookie lasts until the browser closes.
func (s *Server) setCookie(c *fiber.Ctx, name, value string, lifetime time.Duration) {
	maxAge := ""
	if lifetime > 0 {
		maxAge = fmt.Sprintf("; Max-Age=%d", int(lifetime.Seconds()))
	}
	s.writeCookie(c, name, value, maxAge)
}

func (s *Server) clearCookie(c *fiber.Ctx, name string) {
	s.writeCookie(c, name, "", "; Max-Age=0")
}

func (s *Server) writeCookie(c *fiber.Ctx, name, value, maxAge string) {
	cookie := s.cookieName(name) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + maxAge
	if !s.hasInsecureCookies() {
		cookie += "; Secure"
	}
	c.Response().Header.Add(fiber.HeaderSetCookie, cookie)
}

func (s *Server) cookie(c *fiber.Ctx, name string) string {
	return c.Cookies(s.cookieName(name))
}
