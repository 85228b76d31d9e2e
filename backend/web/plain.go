package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// challengePath is where a CA asks for the answer to a challenge of the type http-01 (RFC 8555, 8.3).
const challengePath = "/.well-known/acme-challenge/:token"

// Plain makes the app of the listener without TLS: it answers a CA's challenges and redirects pages to PublicURL.
func (s *Server) Plain() *fiber.App {
	d := &endpoint{Server: s, sampler: sampler{log: s.Log}, isPlain: true}
	return d.newApp([]route{
		{get, challengePath, nil, s.getChallenge},
		{get, "/*", nil, s.redirectToPublic},
	})
}

func (s *Server) getChallenge(c *fiber.Ctx, _ fields) error {
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

// redirectToPublic redirects what people open in a browser. An API call is refused instead: its caller must learn that it
// was sent in clear (ASVS 4.1.2).
func (s *Server) redirectToPublic(c *fiber.Ctx, _ fields) error {
	if strings.HasPrefix(c.Path(), "/api/") {
		return fiber.ErrNotFound
	}
	uri := c.Context().URI()
	// After the slash nothing can change the host.
	target := s.PublicURL + "/" + strings.TrimPrefix(string(uri.PathOriginal()), "/")
	if query := uri.QueryString(); len(query) > 0 {
		target += "?" + string(query)
	}
	c.Set(fiber.HeaderLocation, target)
	c.Status(fiber.StatusPermanentRedirect)
	return nil
}
