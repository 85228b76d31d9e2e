package web

import "github.com/gofiber/fiber/v2"

// headerRemoteUser is the name that proxies and applications have for the user whom a proxy has authenticated.
const headerRemoteUser = "Remote-User"

// getAuth tells a proxy which member a request belongs to, for nginx auth_request and its like. It counts as use of the
// session. The answer is 204 only when the session and the member's row were both read now; else it is 401, or 503 when one
// of them could not be read.
func (s *Server) getAuth(c *fiber.Ctx, _ fields) error {
	m, err := s.signedIn(c)
	if err != nil {
		return err
	}
	c.Set(headerRemoteUser, string(m.LoginID))
	return c.SendStatus(fiber.StatusNoContent)
}
