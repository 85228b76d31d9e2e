package web

import (
	"github.com/gofiber/fiber/v2"

	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

// disavow voids the password that a notice announced. It takes a POST with the token in the body, because mail scanners and
// previews open the links of a letter: they do not press the button, and they do not send the fragment with the token.
func (s *Server) disavow(c *fiber.Ctx, body values) error {
	if err := s.limitClient(c, throttle.RedemptionsByClient); err != nil {
		return err
	}
	token := recovery.NewDisavowalToken(body["token"])
	if err := s.Recovery.Disavow(c.UserContext(), token, deviceOf(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
