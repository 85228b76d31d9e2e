package web

import (
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

// charge takes one try of a limit for the client's address, before anything is looked at: what is asked for, and
// of whom, changes nothing (supabase/auth#2398 limited known members only).
func (s *Server) charge(c *fiber.Ctx, limit throttle.Limit) error {
	if s.Limits == nil {
		return nil
	}
	return tooMany(c, s.Limits.Take(c.UserContext(), s.clientOf(c), limit))
}

// chargeRecovery takes one try of a limit for a recovery, whether there is such a one or not.
func (s *Server) chargeRecovery(c *fiber.Ctx, id recovery.ID, limit throttle.Limit) error {
	if s.Limits == nil {
		return nil
	}
	return tooMany(c, s.Limits.Take(c.UserContext(), string(id), limit))
}

// chargeSignIn takes one try of the login ID's, whether a member has it or not; a browser in which that member
// once signed in has tries of its own. The returned func forgives them, for who proved to be right.
func (s *Server) chargeSignIn(c *fiber.Ctx, id member.LoginID) (forgive func(), err error) {
	if s.Limits == nil {
		return func() {}, nil
	}
	bucket := s.Devices.Bucket(s.cookie(c, deviceCookie), id)
	if err := tooMany(c, s.Limits.Take(c.UserContext(), bucket, throttle.SignInsByLoginID...)); err != nil {
		return nil, err
	}
	return func() { s.Limits.Forgive(c.UserContext(), bucket, throttle.SignInsByLoginID...) }, nil
}

func (s *Server) markDevice(c *fiber.Ctx, id member.LoginID) {
	s.setCookie(c, deviceCookie, s.Devices.Mark(id), deviceLasts)
}

// tooMany says how long to wait, in whole seconds (RFC 9110, 10.2.3).
func tooMany(c *fiber.Ctx, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return refuse(fiber.StatusTooManyRequests, codeTooManyAttempts)
}
