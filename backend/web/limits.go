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

// chargeSignIn takes one try of the login ID's, whether a member has it or not. A browser in which that member once
// signed in or redeemed has tries of its own.
//
// The returned func is for a caller that proved to know the password: it gives the browser's own tries back. What other
// browsers share it never gives back. A stranger who uses up the shared tries would otherwise hear that they came back,
// and so that the login ID is a member's and that the member has just signed in.
func (s *Server) chargeSignIn(c *fiber.Ctx, id member.LoginID) (forgive func(), err error) {
	if s.Limits == nil {
		return func() {}, nil
	}
	bucket, isOwn := s.Devices.Bucket(s.cookie(c, deviceCookie), id)
	if !isOwn {
		return func() {}, tooMany(c, s.Limits.Take(c.UserContext(), bucket, throttle.SignInsByLoginID...))
	}
	if err := tooMany(c, s.Limits.Take(c.UserContext(), bucket, throttle.SignInsByDevice...)); err != nil {
		return nil, err
	}
	return func() { s.Limits.Reset(c.UserContext(), bucket, throttle.SignInsByDevice...) }, nil
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
