package web

import (
	_ "embed"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

//go:embed openapi.yaml
var contract []byte

func (*Server) getContract(c *fiber.Ctx, _ fields) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.Send(contract)
}

// findChangePassword leads password managers to the member page, which asks for sign-in first. The address is
// relative, so no header of the request can turn it elsewhere.
func (*Server) findChangePassword(c *fiber.Ctx, _ fields) error {
	c.Set(fiber.HeaderLocation, "/member#password")
	c.Status(fiber.StatusSeeOther)
	return nil
}

// securityContactHolds is how long a reader may rely on security.txt: RFC 9116 advises less than a year.
const securityContactHolds = 180 * 24 * time.Hour

// getSecurityContact is RFC 9116.
func (s *Server) getSecurityContact(c *fiber.Ctx, _ fields) error {
	if s.SecurityContact == "" {
		return fiber.ErrNotFound
	}
	expires := s.Now().UTC().Add(securityContactHolds).Truncate(24 * time.Hour)
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(strings.Join([]string{
		"Contact: " + s.SecurityContact,
		"Expires: " + expires.Format(time.RFC3339),
		"Preferred-Languages: ja, en",
		"Canonical: " + s.PublicURL + "/.well-known/security.txt",
		"",
	}, "\n"))
}
