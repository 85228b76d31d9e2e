package web

import "github.com/gofiber/fiber/v2"

// readinessBody is the answer of /readyz on the operations listener.
type readinessBody struct {
	Ready    bool     `json:"ready"`
	Missing  []string `json:"missing"`
	Stopping bool     `json:"stopping,omitempty"`
}

func (*Server) getLiveness(c *fiber.Ctx, _ values) error { return sendText(c, fiber.StatusOK, "ok\n") }

// getReadiness tells the public only whether the server is ready, not what is missing (ASVS 13.4.5).
func (s *Server) getReadiness(c *fiber.Ctx, _ values) error {
	if !s.Readiness.IsReady() {
		return sendText(c, fiber.StatusServiceUnavailable, "not ready\n")
	}
	return sendText(c, fiber.StatusOK, "ok\n")
}

func (s *Server) getReadinessInDetail(c *fiber.Ctx, _ values) error {
	ready, missing := s.Readiness.state()
	if !ready {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(readinessBody{ready, missing, s.Readiness.isStopping()})
}

func sendText(c *fiber.Ctx, status int, text string) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(status).SendString(text)
}
