package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// securityTxtLifetime is how long security.txt may be used. RFC 9116 recommends less than a year.
const securityTxtLifetime = 180 * 24 * time.Hour

// getSecurityTxt returns security.txt (RFC 9116), which tells where to report a vulnerability.
func (s *Server) getSecurityTxt(c *fiber.Ctx, _ values) error {
	if s.SecurityContact == "" {
		return fiber.ErrNotFound
	}
	expires := s.Now().UTC().Add(securityTxtLifetime).Truncate(24 * time.Hour)
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(strings.Join([]string{
		"Contact: " + s.SecurityContact,
		"Expires: " + expires.Format(time.RFC3339),
		"Preferred-Languages: ja, en",
		"Canonical: " + s.PublicURL + "/.well-known/security.txt",
		"",
	}, "\n"))
}
