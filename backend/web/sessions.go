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

// signIn opens a new session and closes the one that the browser had.
//
// It checks before the look-up whether the session store works. While the store does not work, every sign-in gets the same 503
// after the same work: the answer does not tell whether the password is right, and no password is hashed.
func (s *Server) signIn(c *fiber.Ctx, body values) error {
	if err := s.limitClient(c, throttle.SignInsByClient); err != nil {
		return err
	}
	id, err := member.ParseLoginID(body["login_id"])
	if err != nil {
		return inputRejected("login_id")
	}
	resetTries, err := s.limitSignIn(c, id)
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
	m, err := s.Login.SignIn(ctx, id, password.NewPlain(body["password"]), device, open)
	if err != nil {
		s.closeUnused(ctx, token)
		return err
	}
	resetTries()
	if err := s.Sessions.Close(ctx, s.tokenOf(c)); err != nil {
		s.Log.WarnContext(ctx, "the browser's former session could not be closed", "error", err)
	}
	s.setCookie(c, sessionCookie, token.Reveal(), 0)
	s.markDevice(c, m.LoginID)
	return c.JSON(sessionBody{m.LoginID})
}

// closeUnused closes the session of a sign-in that failed after the session was opened. The token is empty if there was none.
// The request's deadline may be over, so it is not used. If closing fails, the session ends when its idle time is over:
// nobody has its token.
func (s *Server) closeUnused(ctx context.Context, token session.Token) {
	ctx = context.WithoutCancel(ctx)
	if err := s.Sessions.Close(ctx, token); err != nil {
		s.Log.WarnContext(ctx, "a session that nobody uses could not be closed", "error", err)
	}
}

func (s *Server) getSession(c *fiber.Ctx, _ values) error {
	m, err := s.currentMember(c)
	if err != nil {
		return err
	}
	return c.JSON(sessionBody{m.LoginID})
}

// signOut closes the session, then deletes the cookie. While the session store cannot be reached the cookie stays, so that the
// member can try again.
func (s *Server) signOut(c *fiber.Ctx, _ values) error {
	if err := s.Sessions.Close(c.UserContext(), s.tokenOf(c)); err != nil {
		return err
	}
	s.clearCookie(c, sessionCookie)
	return c.SendStatus(fiber.StatusNoContent)
}

// signOutElsewhere ends all other sessions of the member. The other browsers notice it at their next call.
func (s *Server) signOutElsewhere(c *fiber.Ctx, _ values) error {
	m, err := s.currentMember(c)
	if err != nil {
		return err
	}
	if err := s.Sessions.CloseOthers(c.UserContext(), s.tokenOf(c), m.ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// currentMember returns the member of the request's session, as the database has it now. A session has ended if the member's
// password version has changed since, or if the member is no longer active.
func (s *Server) currentMember(c *fiber.Ctx) (member.Member, error) {
	found, err := s.Sessions.Find(c.UserContext(), s.tokenOf(c))
	if err != nil {
		return member.Member{}, err
	}
	return s.Login.SessionMember(c.UserContext(), found.MemberID, found.PasswordVersion)
}

func (s *Server) tokenOf(c *fiber.Ctx) session.Token {
	return session.NewToken(s.cookie(c, sessionCookie))
}
