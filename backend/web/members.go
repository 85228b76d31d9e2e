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
	LoginID           member.LoginID `json:"login_id"`
	BasicMailAddress  string         `json:"basic_mail_address"`
	PasswordChangedAt *time.Time     `json:"password_changed_at"`
	Sessions          []liveSession  `json:"sessions"`
	Activities        []activityBody `json:"activities"`
}

type liveSession struct {
	Device     member.Device `json:"device"`
	SignedInAt time.Time     `json:"signed_in_at"`
	LastSeenAt time.Time     `json:"last_seen_at"`
	Current    bool          `json:"current"`
}

type activityBody struct {
	At     time.Time           `json:"at"`
	Kind   member.ActivityKind `json:"kind"`
	Device member.Device       `json:"device"`
}

func (s *Server) getMember(c *fiber.Ctx, _ fields) error {
	m, err := s.signedIn(c)
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
	answer := memberBody{
		LoginID:           m.LoginID,
		BasicMailAddress:  string(m.MailAddress),
		PasswordChangedAt: m.PasswordChangedAt,
		Sessions:          make([]liveSession, 0, len(sessions)),
		Activities:        make([]activityBody, 0, len(activities)),
	}
	for _, one := range sessions {
		answer.Sessions = append(answer.Sessions, liveSession{one.Device, one.OpenedAt, one.SeenAt, one.Current})
	}
	for _, a := range activities {
		answer.Activities = append(answer.Activities, activityBody{a.At, a.Kind, a.Device})
	}
	return c.JSON(answer)
}

// changePassword keeps the session that makes the change; every other one, of the former version, has ended.
func (s *Server) changePassword(c *fiber.Ctx, sent fields) error {
	m, err := s.signedIn(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	current, wanted := password.NewPlain(sent["current_password"]), password.NewPlain(sent["new_password"])
	forgive, err := s.chargeSignIn(c, m.LoginID)
	if err != nil {
		return err
	}
	version, err := s.Login.ChangePassword(ctx, m, current, wanted, languageOf(c), deviceOf(c))
	if rejected := (*recovery.RejectedError)(nil); err == nil || errors.As(err, &rejected) {
		forgive() // the current password was right, whether or not the new one was taken
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.RaiseVersion(ctx, s.tokenOf(c), version); err != nil {
		// The password is changed, and that is the answer; this session has ended with the old one.
		s.Log.WarnContext(ctx, "a session could not be moved to the new password version", "error", err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}
