package web

import "github.com/gofiber/fiber/v2"

// readinessBody is what operators see.
type readinessBody struct {
	Ready    bool     `json:"ready"`
	Missing  []string `json:"missing"`
	Stopping bool     `json:"stopping,omitempty"`
}

func (*Server) getLiveness(c *fiber.Ctx, _ fields) error { return plainText(c, fiber.StatusOK, "ok\n") }

// getReadiness tells browsers and balancers no more than yes or no (ASVS 13.4.5).
func (s *Server) getReadiness(c *fiber.Ctx, _ fields) error {
	if ready, _ := s.Readiness.now(); !ready {
		return plainText(c, fiber.StatusServiceUnavailable, "not ready\n")
	}
	return plainText(c, fiber.StatusOK, "ok\n")
}

func (s *Server) getReadinessInDetail(c *fiber.Ctx, _ fields) error {
	ready, missing := s.Readiness.now()
	if !ready {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(readinessBody{ready, missing, s.Readiness.isStopping()})
}

func plainText(c *fiber.Ctx, status int, text string) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(status).SendString(text)
}
