package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/recovery"
)

// Counters are called after each answer. Each is optional and must not block.
type Counters struct {
	// Request is called for every answer. The method is a standard one, or "other". The route is the label of a route, such
	// as /api/recoveries/{id}, and never holds a part of the request. It is "other" if no route matched. Method and route are
	// "other" if the request could not be read.
	Request func(method, route string, status int, took time.Duration)
	// Redemption gets "redeemed", "wrong", or the reason why the recovery has ended.
	Redemption func(result string)
	// SignIn gets "signed_in", "rejected", "throttled" or "busy".
	SignIn func(result string)
	// Disavowal gets "done" or "ended".
	Disavowal func(result string)
	// PasswordSet gets "recovery" or "member_page".
	PasswordSet func(way string)
}

// otherLabel is the label of methods and routes that are not known.
const otherLabel = "other"

// methodOf returns the method of the request, or "other" if it is not a standard one.
func methodOf(c *fiber.Ctx) string {
	if c.Locals(unknownMethodLocal) != nil {
		return otherLabel
	}
	return c.Method()
}

// routeOf returns the label of the route that matched.
func routeOf(c *fiber.Ctx) string {
	if route, found := c.Locals(routeLocal).(string); found {
		return route
	}
	return otherLabel
}

func (counters Counters) request(method, route string, status int, took time.Duration) {
	if counters.Request != nil {
		counters.Request(method, route, status, took)
	}
}

// count counts an answer. p is nil if the request succeeded.
func (a *listenerApp) count(c *fiber.Ctx, p *problem, took time.Duration) {
	a.Counters.request(methodOf(c), routeOf(c), c.Response().StatusCode(), took)
	counter, result := a.resultOf(c.Method(), c.Route().Path, p)
	if counter != nil && result != "" {
		counter(result)
	}
}

// resultOf returns the counter of a call, and the result to count. It returns no result for an answer that only
// Counters.Request counts, for example to a malformed body.
func (a *listenerApp) resultOf(method, path string, p *problem) (counter func(string), result string) {
	code, reason := "", recovery.EndReason("")
	if p != nil {
		code, reason = p.Code, p.Reason
	}
	switch {
	case method == post && path == redemptionPath:
		return a.Counters.Redemption, map[string]string{
			"": "redeemed", codeTemporaryPasswordWrong: "wrong", codeRecoveryEnded: string(reason),
		}[code]
	case method == post && path == sessionPath:
		return a.Counters.SignIn, map[string]string{
			"": "signed_in", codeLoginRejected: "rejected", codeTooManyAttempts: "throttled", codeBusy: "busy",
		}[code]
	case method == post && path == disavowalsPath:
		return a.Counters.Disavowal, map[string]string{"": "done", codeDisavowalEnded: "ended"}[code]
	case method == put && path == resetPath:
		return a.Counters.PasswordSet, map[string]string{"": "recovery"}[code]
	case method == put && path == memberPasswordPath:
		return a.Counters.PasswordSet, map[string]string{"": "member_page"}[code]
	}
	return nil, ""
}
