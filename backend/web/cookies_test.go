package web

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestCookiesHaveThePrefixAndTheAttributes(t *testing.T) {
	for _, c := range []struct {
		demo             bool
		url              string
		set, ended, gone string
	}{
		{
			false, publicURL,
			"__Host-session=TOKEN; Path=/; HttpOnly; SameSite=Strict; Secure",
			"__Host-session=TOKEN; Path=/; HttpOnly; SameSite=Strict; Max-Age=1800; Secure",
			"__Host-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure",
		},
		{
			// Outside the demo, http on loopback has the same cookies.
			false, "http://localhost:8080",
			"__Host-session=TOKEN; Path=/; HttpOnly; SameSite=Strict; Secure",
			"__Host-session=TOKEN; Path=/; HttpOnly; SameSite=Strict; Max-Age=1800; Secure",
			"__Host-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure",
		},
		{
			true, "http://localhost:8080",
			"session=TOKEN; Path=/; HttpOnly; SameSite=Strict",
			"session=TOKEN; Path=/; HttpOnly; SameSite=Strict; Max-Age=1800",
			"session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
		},
	} {
		s := &Server{Demo: c.demo, PublicURL: c.url}
		written := func(write func(*fiber.Ctx)) string {
			app := fiber.New()
			request := app.AcquireCtx(&fasthttp.RequestCtx{})
			defer app.ReleaseCtx(request)
			write(request)
			return string(request.Response().Header.Peek("Set-Cookie"))
		}
		if got := written(func(f *fiber.Ctx) { s.setCookie(f, sessionCookie, "TOKEN", 0) }); got != c.set {
			t.Errorf("got %q, want %q", got, c.set)
		}
		if got := written(func(f *fiber.Ctx) { s.setCookie(f, sessionCookie, "TOKEN", 30*time.Minute) }); got != c.ended {
			t.Errorf("got %q, want %q", got, c.ended)
		}
		if got := written(func(f *fiber.Ctx) { s.clearCookie(f, sessionCookie) }); got != c.gone {
			t.Errorf("got %q, want %q", got, c.gone)
		}
	}
}
