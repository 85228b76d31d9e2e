package web

import (
	"github.com/gofiber/fiber/v2"

	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

// disavow is a POST, and its token comes in the body: what opens the links in a mail to look at them (scanners,
// previews) neither presses the button nor sends a fragment.
func (s *Server) disavow(c *fiber.Ctx, sent fields) error {
	if err := s.charge(c, throttle.RedemptionsByClient); err != nil {
		return err
	}
	token := recovery.NewDisavowalToken(sent["token"])
	if err := s.Recovery.Disavow(c.UserContext(), token, deviceOf(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
