package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/recovery"
)

// Counters are told what the server answers, at the one place where errors become answers. Each is optional and must not
// block.
type Counters struct {
	// Request is told of every answer. The method is one of HTTP's; an unknown one counts as TRACE, which no route takes.
	// The route is a row of the route table, such as /api/recoveries/{id}, and never holds a part of the request. It is
	// "other" where no route was found. Both are "other" for a request that could not be read.
	Request func(method, route string, status int, took time.Duration)
	// Redemption is told "redeemed", "wrong", or the reason for which the recovery has ended.
	Redemption func(result string)
	// SignIn is told "signed_in", "rejected", "throttled" or "busy".
	SignIn func(result string)
	// Disavowal is told "done" or "ended".
	Disavowal func(result string)
	// PasswordSet is told "recovery" or "member_page".
	PasswordSet func(way string)
}

// otherLabel stands for what has no label of its own.
const otherLabel = "other"

// routeOf is the label of the route that a request found.
func routeOf(c *fiber.Ctx) string {
	if route, found := c.Locals(routeLocal).(string); found {
		return route
	}
	return otherLabel
}

func (all Counters) request(method, route string, status int, took time.Duration) {
	if all.Request != nil {
		all.Request(method, route, status, took)
	}
}

// count counts an answer; refused is nil when the call went well.
func (d *endpoint) count(c *fiber.Ctx, refused *problem, took time.Duration) {
	d.Counters.request(c.Method(), routeOf(c), c.Response().StatusCode(), took)
	deed, result := d.resultOf(c.Method(), c.Route().Path, refused)
	if deed != nil && result != "" {
		deed(result)
	}
}

// resultOf is what a counted deed came to. The result is empty for answers that are counted nowhere but among the
// requests, such as one to a malformed body.
func (d *endpoint) resultOf(method, path string, refused *problem) (deed func(string), result string) {
	code, reason := "", recovery.EndReason("")
	if refused != nil {
		code, reason = refused.Code, refused.Reason
	}
	switch {
	case method == post && path == redemptionPath:
		return d.Counters.Redemption, map[string]string{
			"": "redeemed", codeTemporaryPasswordWrong: "wrong", codeRecoveryEnded: string(reason),
		}[code]
	case method == post && path == sessionPath:
		return d.Counters.SignIn, map[string]string{
			"": "signed_in", codeLoginRejected: "rejected", codeTooManyAttempts: "throttled", codeBusy: "busy",
		}[code]
	case method == post && path == disavowalsPath:
		return d.Counters.Disavowal, map[string]string{"": "done", codeDisavowalEnded: "ended"}[code]
	case method == put && path == resetPath:
		return d.Counters.PasswordSet, map[string]string{"": "recovery"}[code]
	case method == put && path == memberPasswordPath:
		return d.Counters.PasswordSet, map[string]string{"": "member_page"}[code]
	}
	return nil, ""
}
