package web

import (
	"math"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/throttle"
)

// limitClient takes one try from a limit of the client's address. Call it before the input is used, so that a request counts
// whatever login ID it names (supabase/auth#2398: only requests for known members counted).
func (s *Server) limitClient(c *fiber.Ctx, limit throttle.Limit) error {
	return s.takeTry(c, s.clientOf(c), limit)
}

// limitRecovery takes one try from a limit of a recovery, which need not exist.
func (s *Server) limitRecovery(c *fiber.Ctx, id recovery.ID, limit throttle.Limit) error {
	return s.takeTry(c, string(id), limit)
}

// limitSignIn takes one try from the limits of the login ID, which need not be a member's. A browser in which the member once
// signed in or redeemed has tries of its own; all others share those of the login ID.
//
// Call resetTries after the password was right. It gives the browser's own tries back, never the shared ones. Otherwise a
// stranger who has used up the shared tries would see them come back, and learn that a member with this login ID has just
// signed in.
func (s *Server) limitSignIn(c *fiber.Ctx, id member.LoginID) (resetTries func(), err error) {
	if s.Limits == nil {
		return func() {}, nil
	}
	bucket, isOwn := s.Devices.Bucket(s.cookie(c, deviceCookie), id)
	if !isOwn {
		return func() {}, s.takeTry(c, bucket, throttle.SignInsByLoginID...)
	}
	if err := s.takeTry(c, bucket, throttle.SignInsByDevice...); err != nil {
		return nil, err
	}
	return func() { s.Limits.Reset(c.UserContext(), bucket, throttle.SignInsByDevice...) }, nil
}

// markDevice gives the browser tries of its own for the login ID.
func (s *Server) markDevice(c *fiber.Ctx, id member.LoginID) {
	s.setCookie(c, deviceCookie, s.Devices.Mark(id), deviceLifetime)
}

// takeTry takes one try from each limit. It refuses the request if the client has to wait. Retry-After is in whole seconds
// (RFC 9110, 10.2.3).
func (s *Server) takeTry(c *fiber.Ctx, key string, limits ...throttle.Limit) error {
	if s.Limits == nil {
		return nil
	}
	wait := s.Limits.Take(c.UserContext(), key, limits...)
	if wait <= 0 {
		return nil
	}
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return refuse(fiber.StatusTooManyRequests, codeTooManyAttempts)
}
