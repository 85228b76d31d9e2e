package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/login"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/session"
)

// The codes of openapi.yaml. The app has the sentences for them.
const (
	codeMalformed              = "malformed"
	codeLoginRejected          = "login_rejected"
	codeSessionMissing         = "session_missing"
	codeGrantMissing           = "grant_missing"
	codeCrossSite              = "cross_site"
	codeCurrentPasswordWrong   = "current_password_wrong"
	codeNotFound               = "not_found"
	codeMethodNotAllowed       = "method_not_allowed"
	codeRecoveryEnded          = "recovery_ended"
	codeDisavowalEnded         = "disavowal_ended"
	codeTooLarge               = "too_large"
	codeNotJSON                = "not_json"
	codeMisdirected            = "misdirected"
	codeInputRejected          = "input_rejected"
	codeTemporaryPasswordWrong = "temporary_password_wrong"
	codePasswordRejected       = "password_rejected"
	codeHeadersTooLarge        = "headers_too_large"
	codeTooManyAttempts        = "too_many_attempts"
	codeInternal               = "internal"
	codeUnavailable            = "unavailable"
	codeBusy                   = "busy"
	codePaused                 = "paused"
)

// retryAfter is the Retry-After of the codes busy and unavailable, in seconds.
const retryAfter = 5

// problem is the body of the answer to a request that was refused or failed (RFC 9457). It has no type, so its title is that of
// the status.
type problem struct {
	Title       string               `json:"title"`
	Status      int                  `json:"status"`
	Code        string               `json:"code"`
	Field       string               `json:"field,omitempty"`
	GuessesLeft *int                 `json:"guesses_left,omitempty"`
	Reason      recovery.EndReason   `json:"reason,omitempty"`
	Violations  []password.Violation `json:"violations,omitempty"`
	RequestID   string               `json:"request_id,omitempty"`
}

func (p *problem) Error() string { return p.Code }

func refuse(status int, code string) *problem {
	return &problem{Title: http.StatusText(status), Status: status, Code: code}
}

func inputRejected(field string) *problem {
	p := refuse(fiber.StatusUnprocessableEntity, codeInputRejected)
	p.Field = field
	return p
}

// plainErrors are the errors that carry no data.
var plainErrors = []struct {
	err    error
	status int
	code   string
}{
	{recovery.ErrNotFound, fiber.StatusNotFound, codeNotFound},
	{recovery.ErrGrantMissing, fiber.StatusUnauthorized, codeGrantMissing},
	{recovery.ErrDisavowalEnded, fiber.StatusGone, codeDisavowalEnded},
	{recovery.ErrPaused, fiber.StatusServiceUnavailable, codePaused},
	{recovery.ErrBusy, fiber.StatusServiceUnavailable, codeBusy},
	{password.ErrBusy, fiber.StatusServiceUnavailable, codeBusy},
	{login.ErrRejected, fiber.StatusUnauthorized, codeLoginRejected},
	{login.ErrCurrentWrong, fiber.StatusForbidden, codeCurrentPasswordWrong},
	{login.ErrSessionOver, fiber.StatusUnauthorized, codeSessionMissing},
	{session.ErrMissing, fiber.StatusUnauthorized, codeSessionMissing},
	{session.ErrUnavailable, fiber.StatusServiceUnavailable, codeUnavailable},
	{context.DeadlineExceeded, fiber.StatusServiceUnavailable, codeUnavailable},
	{fiber.ErrNotFound, fiber.StatusNotFound, codeNotFound},
}

// problemOf is the only place where an error becomes a status and a code. An unknown error is internal. The text of an error
// never reaches a client.
func (s *Server) problemOf(err error) *problem {
	var own *problem
	if errors.As(err, &own) {
		return own
	}
	for _, known := range plainErrors {
		if errors.Is(err, known.err) {
			return refuse(known.status, known.code)
		}
	}
	if p := problemOfRecovery(err); p != nil {
		return p
	}
	if s.Unavailable != nil && s.Unavailable(err) {
		return refuse(fiber.StatusServiceUnavailable, codeUnavailable)
	}
	if p := problemOfTransport(err); p != nil {
		return p
	}
	return refuse(fiber.StatusInternalServerError, codeInternal)
}

// problemOfRecovery handles the errors that carry data. It returns nil for others.
func problemOfRecovery(err error) *problem {
	var (
		wrong    *recovery.WrongError
		ended    *recovery.EndedError
		rejected *recovery.RejectedError
	)
	switch {
	case errors.As(err, &wrong):
		p := refuse(fiber.StatusUnprocessableEntity, codeTemporaryPasswordWrong)
		p.GuessesLeft = &wrong.GuessesLeft
		return p
	case errors.As(err, &ended):
		p := refuse(fiber.StatusGone, codeRecoveryEnded)
		p.Reason = ended.Reason
		return p
	case errors.As(err, &rejected):
		p := refuse(fiber.StatusUnprocessableEntity, codePasswordRejected)
		p.Violations = rejected.Violations
		return p
	}
	return nil
}

// problemOfTransport handles the errors of Fiber. It returns nil for others. It drops Fiber's messages, which repeat the path.
func problemOfTransport(err error) *problem {
	var found *fiber.Error
	if !errors.As(err, &found) {
		return nil
	}
	switch found.Code {
	case fiber.StatusNotFound:
		return refuse(found.Code, codeNotFound)
	case fiber.StatusMethodNotAllowed:
		return refuse(found.Code, codeMethodNotAllowed)
	case fiber.StatusRequestEntityTooLarge:
		return refuse(found.Code, codeTooLarge)
	case fiber.StatusRequestHeaderFieldsTooLarge:
		return refuse(found.Code, codeHeadersTooLarge)
	}
	// The request could not be read: it was malformed, cut off or too slow.
	return refuse(fiber.StatusBadRequest, codeMalformed)
}

// isFault reports whether the server or a dependency failed. Otherwise the server refused the request.
func (p *problem) isFault() bool { return p.Code == codeInternal || p.Code == codeUnavailable }

// writeProblem answers a request that failed with err, and returns the problem. An internal problem holds the request's id,
// under which the log has the cause. A browser that asked for a page that does not exist gets the app's page.
func (a *listenerApp) writeProblem(c *fiber.Ctx, id string, err error) *problem {
	p := a.problemOf(err)
	if p.Status == fiber.StatusNotFound && a.pages.sendNotFound(c) {
		return p
	}
	if p.Code == codeInternal {
		p.RequestID = id
	}
	if p.Code == codeBusy || p.Code == codeUnavailable {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(retryAfter))
	}
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // a struct of strings and numbers can be marshalled
	}
	c.Status(p.Status).Set(fiber.HeaderContentType, "application/problem+json")
	c.Response().SetBodyRaw(text)
	return p
}
