package web

import "github.com/gofiber/fiber/v2"

// headerRemoteUser is the header in which proxies usually pass the user whom they have authenticated to an application.
const headerRemoteUser = "Remote-User"

// getAuth tells a proxy which member is signed in (nginx auth_request). It restarts the idle time of the session. The answer
// is 204 only after the session and the member were both read. Otherwise it is 401, or 503 if one of them could not be read.
func (s *Server) getAuth(c *fiber.Ctx, _ values) error {
	m, err := s.currentMember(c)
	if err != nil {
		return err
	}
	c.Set(headerRemoteUser, string(m.LoginID))
	return c.SendStatus(fiber.StatusNoContent)
}
