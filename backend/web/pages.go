package web

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/recovery"
)

// pages serves the pages and the files of the app.
type pages struct {
	files    map[string]*file // by path
	rendered atomic.Pointer[renderedPages]
}

// renderedPages are the pages that hold the site's settings. [Server.Refresh] replaces them. They hold no data of members, so
// browsers may cache them: with no-store, a browser does not show a page at once when a member goes back.
type renderedPages struct {
	// login is the page at /. other is the page at all other paths: the same, with a link to the script of the other screens.
	login, other *file
	isBuilt      bool // the app was built; otherwise both pages say how to build it
	headTooLarge *headTooLargePage
}

// Markers in the built index.html that the server replaces.
const (
	siteMarker = `<script type="application/json" id="site"></script>`
	// These are in the part for browsers that cannot run the app.
	helpDeskMarker  = `<!--help-desk-->`
	brandMarker     = `<!--brand-->`
	copyrightMarker = `<!--copyright-->`
)

const htmlType = "text/html; charset=utf-8"

//go:embed helpdesk.html
var helpDeskTemplate string

var helpDeskBlock = template.Must(template.New("help desk").Funcs(template.FuncMap{"phoneLink": phoneLink}).Parse(helpDeskTemplate))

//go:embed notbuilt.html
var notBuiltPage []byte

// newPages loads the app's files into memory and renders its pages.
func (s *Server) newPages() *pages {
	files, err := loadFiles(s.App)
	if err != nil {
		s.Log.Error("the app's files cannot be read", "error", err)
	}
	if s.Logo != nil && files != nil {
		s.Site.Brand.Logo = addLogo(files, s.Logo)
	}
	p := &pages{files: files}
	p.rendered.Store(s.renderPages(s.completeSite(), files))
	return p
}

func (s *Server) renderPages(site Site, files map[string]*file) *renderedPages {
	headTooLarge, err := newHeadTooLargePage(site)
	if err != nil {
		s.Log.Error("the page for large request heads cannot be filled", "error", err)
	}
	index, err := s.renderIndex(site)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.Log.Error("the app's page cannot be filled", "error", err)
		}
		notBuilt := newFile(htmlType, revalidate, notBuiltPage, nil, nil)
		return &renderedPages{login: notBuilt, other: notBuilt, headTooLarge: headTooLarge}
	}
	return &renderedPages{
		login:        newFile(htmlType, revalidate, index, nil, nil),
		other:        newFile(htmlType, revalidate, preloadRest(index, files), nil, nil),
		isBuilt:      true,
		headTooLarge: headTooLarge,
	}
}

// restPrefix is the start of the path of the script with all screens except login (frontend/src/screens/rest.ts).
const restPrefix = "/assets/rest-"

// preloadRest adds a link to the page, so that browsers fetch the script at restPrefix together with the first script.
// Otherwise the first script requests it only when it runs.
func preloadRest(index []byte, files map[string]*file) []byte {
	for path := range files {
		if strings.HasPrefix(path, restPrefix) && strings.HasSuffix(path, ".js") {
			return bytes.Replace(index, []byte("</head>"), []byte(`<link rel="modulepreload" href="`+path+`"></head>`), 1)
		}
	}
	return index
}

// renderIndex puts the site's settings into the page, so that the app needs no request for them. It also puts brand, help desk
// and copyright into the part that browsers show if they cannot run the app.
func (s *Server) renderIndex(site Site) ([]byte, error) {
	index, err := fs.ReadFile(s.App, "index.html")
	if err != nil {
		return nil, fmt.Errorf("read index.html: %w", err)
	}
	settings, err := json.Marshal(site) // <, > and & become escapes, so that no value ends the script element
	if err != nil {
		return nil, fmt.Errorf("write the site's settings: %w", err)
	}
	helpDesk, err := renderHelpDesk(site.HelpDesk)
	if err != nil {
		return nil, err
	}
	for marker, content := range map[string]string{
		siteMarker:      strings.Replace(siteMarker, "><", ">"+string(settings)+"<", 1),
		helpDeskMarker:  string(helpDesk),
		brandMarker:     template.HTMLEscapeString(site.Brand.Name.JA),
		copyrightMarker: template.HTMLEscapeString(site.Brand.Copyright),
	} {
		if !bytes.Contains(index, []byte(marker)) {
			return nil, fmt.Errorf("index.html has no %s", marker)
		}
		index = bytes.Replace(index, []byte(marker), []byte(content), 1)
	}
	return index, nil
}

// maxPhoneLength is the length of the longest telephone number (ITU-T E.164): a plus sign and 15 digits.
const maxPhoneLength = 16

// phoneLink returns the link that dials the telephone number, or "" if the text holds no number or several.
func phoneLink(text string) template.URL {
	number := strings.Map(func(r rune) rune {
		if r == '+' || '0' <= r && r <= '9' {
			return r
		}
		return -1 // leave it out
	}, text)
	if number == "" || len(number) > maxPhoneLength {
		return ""
	}
	return template.URL("tel:" + number) //nolint:gosec // digits and + only
}

// renderHelpDesk renders the help desk for pages without script. Its telephone number is a link.
func renderHelpDesk(desk HelpDesk) (template.HTML, error) {
	var html strings.Builder
	if err := helpDeskBlock.Execute(&html, desk); err != nil {
		return "", fmt.Errorf("write the help desk: %w", err)
	}
	return template.HTML(html.String()), nil //nolint:gosec // html/template escaped every value
}

// serve answers with a page of the app. A path with the id of a recovery must have the form of an id.
func (p *pages) serve(c *fiber.Ctx, _ values) error {
	if id := c.Params("id"); id != "" {
		if _, err := recovery.ParseID(id); err != nil {
			return fiber.ErrNotFound
		}
	}
	c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	rendered := p.rendered.Load()
	page, status := rendered.other, fiber.StatusOK
	if c.Path() == "/" {
		page = rendered.login
	}
	if call := firstCall(c); call != "" {
		c.Set(fiber.HeaderLink, "<"+call+">; rel=preload; as=fetch; crossorigin")
	}
	if !rendered.isBuilt {
		status = fiber.StatusServiceUnavailable
	}
	page.send(c, status)
	return nil
}

// firstCall returns the API call that the page at this path makes first, or "". The browser makes the call while it fetches
// the script, and the app then takes that answer. This saves one round trip on a slow line.
func firstCall(c *fiber.Ctx) string {
	if id := c.Params("id"); id != "" {
		return "/api/recoveries/" + id
	}
	if c.Path() == "/member" {
		return "/api/member"
	}
	return ""
}

// nonPagePrefixes are the starts of paths under which a missing resource is always answered with a problem, so that scripts
// and password managers do not take the app's page for an answer.
var nonPagePrefixes = []string{"/api/", "/assets/", "/.well-known/", "/demo/"}

// isForPage reports whether a browser asks for a page, which may not exist.
func isForPage(c *fiber.Ctx) bool {
	for _, prefix := range nonPagePrefixes {
		if strings.HasPrefix(c.Path()+"/", prefix) {
			return false
		}
	}
	isRead := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	return isRead && strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML)
}

// sendNotFound answers with the app's page and status 404 if a browser asked for a page. It returns false if it did not answer.
func (p *pages) sendNotFound(c *fiber.Ctx) bool {
	if p == nil || !p.rendered.Load().isBuilt || !isForPage(c) {
		return false
	}
	c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	p.rendered.Load().other.send(c, fiber.StatusNotFound)
	return true
}
