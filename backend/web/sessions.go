package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/session"
	"aikagi/backend/throttle"
)

type sessionBody struct {
	LoginID member.LoginID `json:"login_id"`
}

// signIn opens a session of its own, whatever session the browser came with; that one is closed.
//
// Whether sessions can be opened at all is judged before the look-up. While they cannot, everybody gets the same 503 for
// the same work, no password is hashed, and the answer does not tell a right password from a wrong one.
func (s *Server) signIn(c *fiber.Ctx, sent fields) error {
	if err := s.charge(c, throttle.SignInsByClient); err != nil {
		return err
	}
	id, err := member.ParseLoginID(sent["login_id"])
	if err != nil {
		return inputRejected("login_id")
	}
	forgive, err := s.chargeSignIn(c, id)
	if err != nil {
		return err
	}
	ctx, device := c.UserContext(), deviceOf(c)
	if err := s.Sessions.Ping(ctx); err != nil {
		return err
	}
	var token session.Token
	open := func(ctx context.Context, m member.Member) (err error) {
		token, err = s.Sessions.Open(ctx, m.ID, m.LoginID, m.PasswordVersion, device)
		return err
	}
	m, err := s.Login.SignIn(ctx, id, password.NewPlain(sent["password"]), device, open)
	if err != nil {
		s.closeUnused(ctx, token)
		return err
	}
	forgive()
	if err := s.Sessions.Close(ctx, s.tokenOf(c)); err != nil {
		s.Log.WarnContext(ctx, "the browser's former session could not be closed", "error", err)
	}
	s.setCookie(c, sessionCookie, token.Reveal(), 0)
	s.markDevice(c, m.LoginID)
	return c.JSON(sessionBody{m.LoginID})
}

// closeUnused closes a session that was opened for a sign-in which then failed; it may be none. Nobody has its token, so
// one that cannot be closed ends when it is idle. The request's own time may be over, so it does not count.
func (s *Server) closeUnused(ctx context.Context, token session.Token) {
	ctx = context.WithoutCancel(ctx)
	if err := s.Sessions.Close(ctx, token); err != nil {
		s.Log.WarnContext(ctx, "a session that nobody uses could not be closed", "error", err)
	}
}

func (s *Server) getSession(c *fiber.Ctx, _ fields) error {
	m, err := s.signedIn(c)
	if err != nil {
		return err
	}
	return c.JSON(sessionBody{m.LoginID})
}

// signOut says 204 only when the session has ended on the server; while it cannot be reached the cookie stays, so
// that trying again helps.
func (s *Server) signOut(c *fiber.Ctx, _ fields) error {
	if err := s.Sessions.Close(c.UserContext(), s.tokenOf(c)); err != nil {
		return err
	}
	s.clearCookie(c, sessionCookie)
	return c.SendStatus(fiber.StatusNoContent)
}

// signOutElsewhere ends every other session of the member. The browsers themselves hear of it at their next call.
func (s *Server) signOutElsewhere(c *fiber.Ctx, _ fields) error {
	m, err := s.signedIn(c)
	if err != nil {
		return err
	}
	if err := s.Sessions.CloseOthers(c.UserContext(), s.tokenOf(c), m.ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// signedIn is the member whose browser asks, read now: a session of a former password version has ended, and so has
// that of a member who is not active any more.
func (s *Server) signedIn(c *fiber.Ctx) (member.Member, error) {
	found, err := s.Sessions.Find(c.UserContext(), s.tokenOf(c))
	if err != nil {
		return member.Member{}, err
	}
	return s.Login.SessionMember(c.UserContext(), found.MemberID, found.PasswordVersion)
}

func (s *Server) tokenOf(c *fiber.Ctx) session.Token {
	return session.NewToken(s.cookie(c, sessionCookie))
}
