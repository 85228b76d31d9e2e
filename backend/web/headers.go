package web

import (
	"fmt"
	"net/textproto"
	"strings"

	"github.com/valyala/fasthttp"
)

// pageCSP is the policy of the app's pages. They load files of this server only, without inline script or style and without
// frames. Text cannot become markup (Trusted Types): the app builds its elements one by one.
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// noPageCSP is the policy of all other answers. An answer that is opened in a browser can do nothing (ASVS 3.2.1).
const noPageCSP = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'; sandbox"

// unusedFeatures are features of browsers that no page needs. An injected script cannot use them.
const unusedFeatures = "accelerometer autoplay camera display-capture encrypted-media fullscreen gamepad geolocation " +
	"gyroscope hid idle-detection magnetometer microphone midi payment picture-in-picture " +
	"publickey-credentials-create publickey-credentials-get screen-wake-lock serial usb xr-spatial-tracking"

// usedFeatures are features that the app uses: one button pastes a temporary password, another copies a generated password.
const usedFeatures = "clipboard-read=(self), clipboard-write=(self)"

type header struct{ name, value string }

type headers []header

// securityHeaders returns the headers of every answer. Pages and files replace Content-Security-Policy and Cache-Control.
func (s *Server) securityHeaders() headers {
	return headers{
		{"Content-Security-Policy", noPageCSP},
		// For browsers that do not know frame-ancestors.
		{"X-Frame-Options", "DENY"},
		{"X-Content-Type-Options", "nosniff"},
		// Addresses hold the id of a recovery, which is secret (CVE-2022-23067: secrets leaked by Referer).
		{"Referrer-Policy", "no-referrer"},
		// Windows of other sites get no reference to ours, do not embed our answers, and run in other processes.
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cross-Origin-Embedder-Policy", "require-corp"},
		{"Permissions-Policy", strings.ReplaceAll(unusedFeatures, " ", "=(), ") + "=(), " + usedFeatures},
		// No cache of a browser or a proxy keeps the answer (ASVS 14.3.2).
		{"Cache-Control", "no-store"},
		{"X-Robots-Tag", "noindex"},
	}
}

// strictTransport returns the header Strict-Transport-Security if PublicURL is https. It ignores the connection, which is
// without TLS behind a proxy (CVE-2026-53624: the header was never sent there). Plain must not send it (RFC 6797, 7.2).
func (s *Server) strictTransport() headers {
	if s.HSTS == 0 || !strings.HasPrefix(s.PublicURL, "https://") {
		return nil
	}
	return headers{{"Strict-Transport-Security", fmt.Sprintf("max-age=%d; includeSubDomains", s.HSTS)}}
}

// canonicalHeaders are headers whose names have the canonical form. To set them on an answer takes half the time, because
// fasthttp does not have to bring the names into that form.
type canonicalHeaders []canonicalHeader

type canonicalHeader struct{ name, value []byte }

// canonical returns the headers in canonical form, to set them on many answers. The values must not contain line breaks:
// fasthttp does not check these headers.
func (all headers) canonical() canonicalHeaders {
	made := make(canonicalHeaders, len(all))
	for i, h := range all {
		made[i] = canonicalHeader{[]byte(textproto.CanonicalMIMEHeaderKey(h.name)), []byte(h.value)}
	}
	return made
}

func (all canonicalHeaders) setOn(response *fasthttp.ResponseHeader) {
	for _, h := range all {
		response.SetCanonical(h.name, h.value)
	}
}
