package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// getChallenge answers an ACME challenge of the type http-01 (RFC 8555, 8.3).
func (s *Server) getChallenge(c *fiber.Ctx, _ values) error {
	if s.Challenge == nil {
		return fiber.ErrNotFound
	}
	answer, known := s.Challenge(c.UserContext(), c.Params("token"))
	if !known {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	return c.SendString(answer)
}

// redirectToPublic redirects pages to PublicURL. It refuses API calls, so that their authors learn that they send secrets
// without TLS (ASVS 4.1.2).
func (s *Server) redirectToPublic(c *fiber.Ctx, _ values) error {
	if strings.HasPrefix(c.Path(), "/api/") {
		return fiber.ErrNotFound
	}
	uri := c.Context().URI()
	// The slash ends the host, so the path of the request cannot change it.
	target := s.PublicURL + "/" + strings.TrimPrefix(string(uri.PathOriginal()), "/")
	if query := uri.QueryString(); len(query) > 0 {
		target += "?" + string(query)
	}
	c.Set(fiber.HeaderLocation, target)
	c.Status(fiber.StatusPermanentRedirect)
	return nil
}
