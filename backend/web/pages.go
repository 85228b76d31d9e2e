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

// pages are the app's page, which is the same at every address of the app but for what it makes browsers fetch at
// once, and its files.
type pages struct {
	files map[string]*file
	shown atomic.Pointer[shown]
}

// shown are the pages that hold the site's settings: [Server.Refresh] replaces them. They hold nothing of a member, so
// browsers may keep them: with no-store a browser would not bring a page back at once when a member goes back.
type shown struct {
	login, other *file
	isBuilt      bool
	headTooLarge *headTooLargePage
}

// The places in the built index.html that the server fills.
const (
	siteMarker     = `<script type="application/json" id="site"></script>`
	helpDeskMarker = `<!--help-desk-->`
	// In the page for browsers that cannot run the app.
	brandMarker     = `<!--brand-->`
	copyrightMarker = `<!--copyright-->`
)

const htmlType = "text/html; charset=utf-8"

//go:embed helpdesk.html
var helpDeskTemplate string

//go:embed notbuilt.html
var notBuiltPage []byte

// newPages reads the app's files once, when the server starts, and fills its page. Without a built app its addresses say
// how to build it.
func (s *Server) newPages() *pages {
	files, err := loadFiles(s.App)
	if err != nil {
		s.Log.Error("the app's files cannot be read", "error", err)
	}
	if s.Logo != nil && files != nil {
		s.Site.Brand.Logo = addLogo(files, s.Logo)
	}
	p := &pages{files: files}
	p.shown.Store(s.fillPages(s.completeSite(), files))
	return p
}

func (s *Server) fillPages(site Site, files map[string]*file) *shown {
	headTooLarge, err := newHeadTooLargePage(site)
	if err != nil {
		s.Log.Error("the page for large request heads cannot be filled", "error", err)
	}
	index, err := s.fillIndex(site)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.Log.Error("the app's page cannot be filled", "error", err)
		}
		notBuilt := newFile(htmlType, askAnew, notBuiltPage, nil, nil)
		return &shown{login: notBuilt, other: notBuilt, headTooLarge: headTooLarge}
	}
	return &shown{
		login: newFile(htmlType, askAnew, index, nil, nil), other: newFile(htmlType, askAnew, fetchRest(index, files), nil, nil),
		isBuilt: true, headTooLarge: headTooLarge,
	}
}

// restPrefix begins the address of the script that holds every screen but login (frontend/src/screens/rest.ts).
const restPrefix = "/assets/rest-"

// fetchRest makes browsers fetch that script beside the first one, which would ask for it only when it runs.
func fetchRest(index []byte, files map[string]*file) []byte {
	for address := range files {
		if strings.HasPrefix(address, restPrefix) && strings.HasSuffix(address, ".js") {
			return bytes.Replace(index, []byte("</head>"), []byte(`<link rel="modulepreload" href="`+address+`"></head>`), 1)
		}
	}
	return index
}

// fillIndex puts the site's settings into the page, so that the app needs no request more, and brand, help desk and
// copyright into what members see whose browser cannot run the app.
func (s *Server) fillIndex(site Site) ([]byte, error) {
	index, err := fs.ReadFile(s.App, "index.html")
	if err != nil {
		return nil, fmt.Errorf("read index.html: %w", err)
	}
	settings, err := json.Marshal(site) // writes <, > and & as escapes: no </script> or <!-- can break out
	if err != nil {
		return nil, fmt.Errorf("write the site's settings: %w", err)
	}
	helpDesk, err := writeHelpDesk(site.HelpDesk)
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

// longestNumber is the most digits that a telephone number has (ITU-T E.164), with its plus sign.
const longestNumber = 16

// writeHelpDesk writes the block that pages without script show. Its telephone number can be tapped.
func writeHelpDesk(desk HelpDesk) (template.HTML, error) {
	dial := func(phone string) template.URL {
		digits := func(r rune) rune {
			if r == '+' || '0' <= r && r <= '9' {
				return r
			}
			return -1
		}
		number := strings.Map(digits, phone)
		if number == "" || len(number) > longestNumber {
			return "" // not one number
		}
		return template.URL("tel:" + number) //nolint:gosec // digits and + only
	}
	block, err := template.New("help desk").Funcs(template.FuncMap{"dial": dial}).Parse(helpDeskTemplate)
	var html strings.Builder
	if err == nil {
		err = block.Execute(&html, desk)
	}
	if err != nil {
		return "", fmt.Errorf("write the help desk: %w", err)
	}
	return template.HTML(html.String()), nil //nolint:gosec // html/template escaped every value
}

func (p *pages) serve(c *fiber.Ctx, _ fields) error {
	if id := c.Params("id"); id != "" {
		if _, err := recovery.ParseID(id); err != nil {
			return fiber.ErrNotFound
		}
	}
	c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	now := p.shown.Load()
	page, status := now.other, fiber.StatusOK
	if c.Path() == "/" {
		page = now.login
	}
	if read := firstRead(c); read != "" {
		c.Set(fiber.HeaderLink, "<"+read+">; rel=preload; as=fetch; crossorigin")
	}
	if !now.isBuilt {
		status = fiber.StatusServiceUnavailable
	}
	page.send(c, status)
	return nil
}

// firstRead is the call that the page at this address begins with, if any. Browsers are told to make it beside the
// script's, which saves a member on a slow line one round trip; the app's own call then takes that answer.
func firstRead(c *fiber.Ctx) string {
	if id := c.Params("id"); id != "" {
		return "/api/recoveries/" + id
	}
	if c.Path() == "/member" {
		return "/api/member"
	}
	return ""
}

// notForPeople begin the addresses at which a missing page is answered as a problem: password managers and scripts
// must not take the app's page for an answer.
var notForPeople = []string{"/api/", "/assets/", "/.well-known/", "/demo/"}

// sendMissing answers a person who mistyped an address with the app's own screen, and says whether it did.
func (p *pages) sendMissing(c *fiber.Ctx) bool {
	if p == nil || !p.shown.Load().isBuilt || c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead ||
		!strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMETextHTML) {
		return false
	}
	for _, prefix := range notForPeople {
		if strings.HasPrefix(c.Path()+"/", prefix) {
			return false
		}
	}
	c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	p.shown.Load().other.send(c, fiber.StatusNotFound)
	return true
}
