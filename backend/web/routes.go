package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// route is one row of the table.
type route struct {
	method, path string
	takes        takes // the body's members; nil when no body is read
	handle       func(c *fiber.Ctx, sent fields) error
}

const (
	get  = fiber.MethodGet
	post = fiber.MethodPost
	put  = fiber.MethodPut
	del  = fiber.MethodDelete
)

// Addresses whose answers are counted by their result.
const (
	redemptionPath     = "/api/recoveries/:id/redemption"
	resetPath          = "/api/recoveries/:id/password"
	disavowalsPath     = "/api/disavowals"
	sessionPath        = "/api/session"
	memberPasswordPath = "/api/member/password"
)

// readyzPath is where probes ask, on both listeners.
const readyzPath = "/readyz"

// routes are all addresses but those of the app's pages and files. HEAD goes wherever GET goes.
func (s *Server) routes() []route {
	return []route{
		{get, "/api/site", nil, s.getSite},
		{get, "/api/openapi.yaml", nil, s.getContract},

		{post, "/api/recoveries", takes{"login_id", "mail_address", "language?"}, s.askForRecovery},
		{get, "/api/recoveries/:id", nil, s.getRecovery},
		{post, "/api/recoveries/:id/letter", takes{}, s.askForLetter},
		{post, redemptionPath, takes{"temporary_password"}, s.redeem},
		{put, resetPath, takes{"new_password"}, s.setPassword},

		{post, disavowalsPath, takes{"token"}, s.disavow},

		{post, sessionPath, takes{"login_id", "password"}, s.signIn},
		{get, sessionPath, nil, s.getSession},
		{del, sessionPath, nil, s.signOut},
		{del, "/api/sessions", nil, s.signOutElsewhere},

		{get, "/api/member", nil, s.getMember},
		{put, memberPasswordPath, takes{"current_password", "new_password"}, s.changePassword},

		{get, "/livez", nil, s.getLiveness},
		{get, readyzPath, nil, s.getReadiness},
		{get, "/.well-known/change-password", nil, s.findChangePassword},
		{get, "/.well-known/security.txt", nil, s.getSecurityContact},

		{get, "/demo/mailbox", nil, s.getDemoMailbox},
		{get, "/demo/mailbox.css", nil, s.getDemoMailboxStyle},
		{get, "/demo/letters", nil, s.getDemoLetters},
		{get, "/demo/letters/:letter", nil, s.getDemoLetter},
	}
}

// pageRoutes are the app's own addresses. No other one gets the app's page with 200 (ASVS 14.2.5).
func (p *pages) routes() []route {
	return []route{
		{get, "/", nil, p.serve},
		{get, "/recover", nil, p.serve},
		{get, "/recover/done", nil, p.serve},
		{get, "/recover/:id", nil, p.serve},
		{get, "/recover/:id/password", nil, p.serve},
		{get, "/member", nil, p.serve},
		{get, "/disavow", nil, p.serve},
	}
}

func (d *endpoint) publicRoutes() []route {
	all := append(d.routes(), d.pages.routes()...)
	for path, file := range d.pages.files {
		all = append(all, route{get, path, nil, file.serve})
	}
	return all
}

// operationsRoutes are the operations listener's.
func (s *Server) operationsRoutes() []route {
	all := []route{
		{get, "/livez", nil, s.getLiveness},
		{get, readyzPath, nil, s.getReadinessInDetail},
		{get, "/auth", nil, s.getAuth},
	}
	if s.Metrics != nil {
		all = append(all, route{get, "/metrics", nil, passTo(s.Metrics)})
	}
	return append(all, profilingRoutes()...)
}

// assetsLabel names all files whose names hold a hash of their content.
const assetsLabel = "/assets/{file}"

// label names the route in the log and in metrics: its path as the contract writes it, with {id} for :id. It never holds
// a part of a request.
func (r route) label() string {
	if strings.HasPrefix(r.path, "/assets/") {
		return assetsLabel
	}
	parts := strings.Split(r.path, "/")
	for i, part := range parts {
		if name, isParameter := strings.CutPrefix(part, ":"); isParameter {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}
