package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

//go:embed headtoolarge.html
var headTooLargeTemplate string

var headTooLargeDocument = template.Must(template.New("head too large").Parse(headTooLargeTemplate))

//go:embed headtoolarge.css
var headTooLargeStyle string

// headTooLargePage is the page for a browser whose request head is larger than maxHeader, usually because of cookies that
// another site of the same parent domain has set. It needs no second request, which would carry the same cookies.
type headTooLargePage struct {
	html   []byte
	policy string // Content-Security-Policy: allows only the style in the page
}

func newHeadTooLargePage(site Site) (*headTooLargePage, error) {
	helpDesk, err := renderHelpDesk(site.HelpDesk)
	if err != nil {
		return nil, err
	}
	var html strings.Builder
	err = headTooLargeDocument.Execute(&html, struct {
		Brand    Brand
		HelpDesk template.HTML
		Style    template.CSS
	}{site.Brand, helpDesk, template.CSS(headTooLargeStyle)}) //nolint:gosec // embedded, no input
	if err != nil {
		return nil, fmt.Errorf("write the page for large heads: %w", err)
	}
	sum := sha256.Sum256([]byte(headTooLargeStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	return &headTooLargePage{[]byte(html.String()), policy}, nil
}

// send answers with the page if the request head was too large and the request is not for the API. It returns false if it did
// not answer.
func (p *headTooLargePage) send(r *fasthttp.RequestCtx, err error) bool {
	if p == nil || !errors.As(err, new(*fasthttp.ErrSmallBuffer)) || isForAPI(err) {
		return false
	}
	r.Response.Header.Set(fiber.HeaderContentType, htmlType)
	r.Response.Header.Set(fiber.HeaderContentSecurityPolicy, p.policy)
	r.SetStatusCode(fiber.StatusRequestHeaderFieldsTooLarge)
	r.SetBody(p.html)
	return true
}

// requestLine finds the method and the path of the request in fasthttp's error, which quotes the start of the head. The
// request itself is empty, because nothing was parsed. Empty lines before the request line are ignored (RFC 9112, 2.2).
var requestLine = regexp.MustCompile(`contents: "(?:\\[rn])*([A-Z]+) (?:https?://[^/ ]*)?(/[^ ?"]*)?`)

func isForAPI(err error) bool {
	found := requestLine.FindStringSubmatch(err.Error())
	return found != nil && strings.HasPrefix(found[2]+"/", "/api/")
}

// isHEAD reports whether the method of a request that was not parsed is HEAD, whose answer has no body (RFC 9110, 9.3.2).
func isHEAD(err error) bool {
	found := requestLine.FindStringSubmatch(err.Error())
	return found != nil && found[1] == fiber.MethodHead
}
