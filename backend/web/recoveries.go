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

func (s *Server) askForRecovery(c *fiber.Ctx, sent fields) error {
	if err := s.charge(c, throttle.RecoveriesByClient); err != nil {
		return err
	}
	language, known := languageOf(c), true
	if chosen, given := sent["language"]; given {
		language, known = parseLanguage(chosen)
	}
	if !known {
		return refuse(fiber.StatusBadRequest, codeMalformed)
	}
	id, err := member.ParseLoginID(sent["login_id"])
	if err != nil {
		return inputRejected("login_id")
	}
	address, err := member.ParseMailAddress(sent["mail_address"])
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

func (s *Server) getRecovery(c *fiber.Ctx, _ fields) error {
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

func (s *Server) askForLetter(c *fiber.Ctx, _ fields) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.charge(c, throttle.RecoveriesByClient); err != nil {
		return err
	}
	if err := s.chargeRecovery(c, id, throttle.LettersByRecovery); err != nil {
		return err
	}
	if err := s.Recovery.AskAgain(c.UserContext(), id); err != nil {
		return err
	}
	return c.Status(fiber.StatusAccepted).JSON(struct{}{})
}

func (s *Server) redeem(c *fiber.Ctx, sent fields) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.charge(c, throttle.RedemptionsByClient); err != nil {
		return err
	}
	if err := s.chargeRecovery(c, id, throttle.RedemptionsByRecovery); err != nil {
		return err
	}
	typed := recovery.NewTemporaryPassword(sent["temporary_password"])
	view, grant, err := s.Recovery.Redeem(c.UserContext(), id, typed, deviceOf(c))
	if err != nil {
		return err
	}
	s.setCookie(c, grantCookie, grant.Reveal(), recovery.GrantLifetime)
	s.markDevice(c, view.LoginID)
	return c.JSON(recoveryBody(view))
}

// setPassword leaves the grant's cookie in place: until it runs out it can still read that the recovery is completed,
// and sets nothing more.
func (s *Server) setPassword(c *fiber.Ctx, sent fields) error {
	id, err := recovery.ParseID(c.Params("id"))
	if err != nil {
		return recovery.ErrGrantMissing // a grant is always of a recovery that can be
	}
	wanted := password.NewPlain(sent["new_password"])
	if err := s.Recovery.Reset(c.UserContext(), id, s.grantOf(c), wanted, deviceOf(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Server) grantOf(c *fiber.Ctx) recovery.Grant {
	return recovery.NewGrant(s.cookie(c, grantCookie))
}
