package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// route is one method and path of a listener.
type route struct {
	method, path string
	// body names the fields of the JSON body. It is nil if the handler reads no body.
	body   bodyFields
	handle func(c *fiber.Ctx, body values) error
}

// routeLocal is the key under which a request holds the label of its route.
const routeLocal = "route"

// unknownMethodLocal is the key that marks a request whose method is not a standard one.
const unknownMethodLocal = "unknown_method"

// addTo registers the route, for HEAD too if it takes GET. The body is decoded before the handler is called.
func (r route) addTo(app *fiber.App) {
	label := r.label()
	handle := func(c *fiber.Ctx) error {
		c.Locals(routeLocal, label)
		if r.body == nil {
			return r.handle(c, nil)
		}
		received, err := r.body.read(c)
		if err != nil {
			return err
		}
		return r.handle(c, received)
	}
	app.Add(r.method, r.path, handle)
	if r.method == fiber.MethodGet {
		app.Add(fiber.MethodHead, r.path, handle)
	}
}

const (
	get  = fiber.MethodGet
	post = fiber.MethodPost
	put  = fiber.MethodPut
	del  = fiber.MethodDelete
)

// Paths that listenerApp.resultOf needs too.
const (
	redemptionPath     = "/api/recoveries/:id/redemption"
	resetPath          = "/api/recoveries/:id/password"
	disavowalsPath     = "/api/disavowals"
	sessionPath        = "/api/session"
	memberPasswordPath = "/api/member/password"
)

// readyzPath is the readiness probe, on both listeners.
const readyzPath = "/readyz"

// apiRoutes returns all public routes except those of the app's pages and files. openapi.yaml lists the same routes.
func (s *Server) apiRoutes() []route {
	return []route{
		{get, "/api/site", nil, s.getSite},
		{get, "/api/openapi.yaml", nil, s.getOpenAPI},

		{post, "/api/recoveries", bodyFields{"login_id", "mail_address", "language?"}, s.createRecovery},
		{get, "/api/recoveries/:id", nil, s.getRecovery},
		{post, "/api/recoveries/:id/letter", bodyFields{}, s.requestLetter},
		{post, redemptionPath, bodyFields{"temporary_password"}, s.redeem},
		{put, resetPath, bodyFields{"new_password"}, s.resetPassword},

		{post, disavowalsPath, bodyFields{"token"}, s.disavow},

		{post, sessionPath, bodyFields{"login_id", "password"}, s.signIn},
		{get, sessionPath, nil, s.getSession},
		{del, sessionPath, nil, s.signOut},
		{del, "/api/sessions", nil, s.signOutElsewhere},

		{get, "/api/member", nil, s.getMember},
		{put, memberPasswordPath, bodyFields{"current_password", "new_password"}, s.changePassword},

		{get, "/livez", nil, s.getLiveness},
		{get, readyzPath, nil, s.getReadiness},
		{get, "/.well-known/change-password", nil, s.redirectToChangePassword},
		{get, "/.well-known/security.txt", nil, s.getSecurityTxt},

		{get, "/demo/mailbox", nil, s.onlyInDemo(s.getDemoMailbox)},
		{get, "/demo/mailbox.css", nil, s.onlyInDemo(s.getDemoMailboxStyle)},
		{get, "/demo/letters", nil, s.onlyInDemo(s.getDemoLetters)},
		{get, "/demo/letters/:letter", nil, s.onlyInDemo(s.getDemoLetter)},
	}
}

// routes returns the routes of the app's pages. No other path gets the page with status 200 (ASVS 14.2.5).
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

func (a *listenerApp) publicRoutes() []route {
	all := append(a.apiRoutes(), a.pages.routes()...)
	for path, file := range a.pages.files {
		all = append(all, route{get, path, nil, file.serve})
	}
	return all
}

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

func (s *Server) plainRoutes() []route {
	return []route{
		{get, "/.well-known/acme-challenge/:token", nil, s.getChallenge},
		{get, "/*", nil, s.redirectToPublic},
	}
}

// assetsLabel is the label of all files whose names hold a hash of their content.
const assetsLabel = "/assets/{file}"

// label returns the name of the route in the log and in metrics: its path as openapi.yaml has it, with {id} for :id. It
// never holds a part of a request.
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
