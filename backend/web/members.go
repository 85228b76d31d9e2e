package web

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

type memberBody struct {
	LoginID           member.LoginID  `json:"login_id"`
	BasicMailAddress  string          `json:"basic_mail_address"`
	PasswordChangedAt *time.Time      `json:"password_changed_at"`
	Sessions          []sessionEntry  `json:"sessions"`
	Activities        []activityEntry `json:"activities"`
}

type sessionEntry struct {
	Device     member.Device `json:"device"`
	SignedInAt time.Time     `json:"signed_in_at"`
	LastSeenAt time.Time     `json:"last_seen_at"`
	Current    bool          `json:"current"`
}

type activityEntry struct {
	At     time.Time           `json:"at"`
	Kind   member.ActivityKind `json:"kind"`
	Device member.Device       `json:"device"`
}

func (s *Server) getMember(c *fiber.Ctx, _ values) error {
	m, err := s.currentMember(c)
	if err != nil {
		return err
	}
	activities, err := s.Login.Activities(c.UserContext(), m.ID)
	if err != nil {
		return err
	}
	sessions, err := s.Sessions.List(c.UserContext(), s.tokenOf(c), m.ID, m.PasswordVersion)
	if err != nil {
		return err
	}
	body := memberBody{
		LoginID:           m.LoginID,
		BasicMailAddress:  string(m.MailAddress),
		PasswordChangedAt: m.PasswordChangedAt,
		Sessions:          make([]sessionEntry, 0, len(sessions)),
		Activities:        make([]activityEntry, 0, len(activities)),
	}
	for _, open := range sessions {
		body.Sessions = append(body.Sessions, sessionEntry{open.Device, open.OpenedAt, open.SeenAt, open.Current})
	}
	for _, a := range activities {
		body.Activities = append(body.Activities, activityEntry{a.At, a.Kind, a.Device})
	}
	return c.JSON(body)
}

// changePassword sets a new password. The member's other sessions end, because they have the former password version. The
// session of this request gets the new version.
func (s *Server) changePassword(c *fiber.Ctx, body values) error {
	m, err := s.currentMember(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	current, wanted := password.NewPlain(body["current_password"]), password.NewPlain(body["new_password"])
	resetTries, err := s.limitSignIn(c, m.LoginID)
	if err != nil {
		return err
	}
	version, err := s.Login.ChangePassword(ctx, m, current, wanted, languageOf(c), deviceOf(c))
	if err == nil || errors.As(err, new(*recovery.RejectedError)) {
		resetTries() // the current password was right, even if the new one is not accepted
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.RaiseVersion(ctx, s.tokenOf(c), version); err != nil {
		// The password is changed, so this is no failure. The session has ended with the former version.
		s.Log.WarnContext(ctx, "a session could not be moved to the new password version", "error", err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// redirectToChangePassword leads password managers to the form on the member page (W3C, A Well-Known URL for Changing
// Passwords). The address is relative, so that no header of the request can change its host.
func (*Server) redirectToChangePassword(c *fiber.Ctx, _ values) error {
	c.Set(fiber.HeaderLocation, "/member#password")
	c.Status(fiber.StatusSeeOther)
	return nil
}
