package web

import (
	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

type recoveryBody struct {
	ID          recovery.ID    `json:"id"`
	Receipt     string         `json:"receipt"`
	LoginID     member.LoginID `json:"login_id"`
	State       recovery.State `json:"state"`
	GuessesLeft int            `json:"guesses_left"`
}

type acceptedBody struct {
	ID      recovery.ID `json:"id"`
	Receipt string      `json:"receipt"`
}

// createRecovery takes a request for recovery. It never tells whether a member matches.
func (s *Server) createRecovery(c *fiber.Ctx, body values) error {
	if err := s.limitClient(c, throttle.RecoveriesByClient); err != nil {
		return err
	}
	language := languageOf(c)
	if chosen, isGiven := body["language"]; isGiven {
		var known bool
		if language, known = parseLanguage(chosen); !known {
			return refuse(fiber.StatusBadRequest, codeMalformed)
		}
	}
	id, err := member.ParseLoginID(body["login_id"])
	if err != nil {
		return inputRejected("login_id")
	}
	address, err := member.ParseMailAddress(body["mail_address"])
	if err != nil {
		return inputRejected("mail_address")
	}
	view, err := s.Recovery.Request(c.UserContext(), recovery.Ask{
		LoginID: id, MailAddress: address, Language: language, Client: s.clientOf(c),
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(acceptedBody{view.ID, view.Receipt})
}

func (s *Server) getRecovery(c *fiber.Ctx, _ values) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	view, err := s.Recovery.Look(c.UserContext(), id, s.grantOf(c))
	if err != nil {
		return err
	}
	return c.JSON(recoveryBody(view))
}

func (s *Server) requestLetter(c *fiber.Ctx, _ values) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.limitClient(c, throttle.RecoveriesByClient); err != nil {
		return err
	}
	if err := s.limitRecovery(c, id, throttle.LettersByRecovery); err != nil {
		return err
	}
	if err := s.Recovery.AskAgain(c.UserContext(), id); err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(struct{}{})
}

func (s *Server) redeem(c *fiber.Ctx, body values) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.limitClient(c, throttle.RedemptionsByClient); err != nil {
		return err
	}
	if err := s.limitRecovery(c, id, throttle.RedemptionsByRecovery); err != nil {
		return err
	}
	typed := recovery.NewTemporaryPassword(body["temporary_password"])
	view, grant, err := s.Recovery.Redeem(c.UserContext(), id, typed, deviceOf(c))
	if err != nil {
		return err
	}
	s.setCookie(c, grantCookie, grant.Reveal(), recovery.GrantLifetime)
	s.markDevice(c, view.LoginID)
	return c.JSON(recoveryBody(view))
}

// resetPassword sets a new password with the grant. It keeps the grant's cookie, so that the browser can read the completed
// recovery until the cookie expires. The grant cannot set another password.
func (s *Server) resetPassword(c *fiber.Ctx, body values) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return recovery.ErrGrantMissing // no grant has such an id
	}
	wanted := password.NewPlain(body["new_password"])
	if err := s.Recovery.Reset(c.UserContext(), id, s.grantOf(c), wanted, deviceOf(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Server) grantOf(c *fiber.Ctx) recovery.Grant {
	return recovery.NewGrant(s.cookie(c, grantCookie))
}
