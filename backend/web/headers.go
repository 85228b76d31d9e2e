package web

import (
	"fmt"
	"net/textproto"
	"strings"

	"github.com/valyala/fasthttp"
)

// pageCSP lets the app's page load what came from here, and nothing else: no inline script or style, no frame, and
// no text that becomes markup: the app builds its elements one by one.
const pageCSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// bareCSP is for everything that is no page: opened directly in a browser it can do nothing (ASVS 3.2.1).
const bareCSP = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'; sandbox"

// unusedFeatures are the browser's features that no page of ours needs: a script that got in could not use them.
const unusedFeatures = "accelerometer autoplay camera display-capture encrypted-media fullscreen gamepad geolocation " +
	"gyroscope hid idle-detection magnetometer microphone midi payment picture-in-picture " +
	"publickey-credentials-create publickey-credentials-get screen-wake-lock serial usb xr-spatial-tracking"

// usedFeatures are those that the app uses: the button that pastes a temporary password, and the one that copies a made
// password.
const usedFeatures = "clipboard-read=(self), clipboard-write=(self)"

type header struct{ name, value string }

type headers []header

// securityHeaders are on every answer. Pages and the app's files replace the policy and the caching that are for
// all the rest.
func (s *Server) securityHeaders() headers {
	return headers{
		{"Content-Security-Policy", bareCSP},
		// Nobody may frame us: for browsers that do not know frame-ancestors.
		{"X-Frame-Options", "DENY"},
		// The content type is meant.
		{"X-Content-Type-Options", "nosniff"},
		// An address of ours holds a recovery's id (CVE-2022-23067: secrets left by Referer).
		{"Referrer-Policy", "no-referrer"},
		// No other site's window keeps a handle on ours, embeds our answers, or shares our process.
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Cross-Origin-Embedder-Policy", "require-corp"},
		{"Permissions-Policy", strings.ReplaceAll(unusedFeatures, " ", "=(), ") + "=(), " + usedFeatures},
		// Nothing stays in a cache, at the browser or between (ASVS 14.3.2).
		{"Cache-Control", "no-store"},
		// The pages of the walk are nobody's search result.
		{"X-Robots-Tag", "noindex"},
	}
}

// strictTransport is sent when the configured address is https, whatever the connection: behind a proxy ours is plain
// (CVE-2026-53624: looking at it, none was ever sent). The listener that is plain for browsers too must not send it (RFC
// 6797, 7.2).
func (s *Server) strictTransport() headers {
	if s.HSTS == 0 || !strings.HasPrefix(s.PublicURL, "https://") {
		return nil
	}
	return headers{{"Strict-Transport-Security", fmt.Sprintf("max-age=%d; includeSubDomains", s.HSTS)}}
}

// canonicalHeaders are headers whose names are in the form that fasthttp sends. Setting them on every answer costs half of
// what it costs to bring the names into that form each time.
type canonicalHeaders []canonicalHeader

type canonicalHeader struct{ name, value []byte }

// canonical returns the same headers for many answers. No value may have a line break: fasthttp does not look for one.
func (all headers) canonical() canonicalHeaders {
	made := make(canonicalHeaders, len(all))
	for i, h := range all {
		made[i] = canonicalHeader{[]byte(textproto.CanonicalMIMEHeaderKey(h.name)), []byte(h.value)}
	}
	return made
}

func (all canonicalHeaders) setOn(answer *fasthttp.ResponseHeader) {
	for _, h := range all {
		answer.SetCanonical(h.name, h.value)
	}
}
