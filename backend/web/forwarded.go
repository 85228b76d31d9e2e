package web

import (
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// hourly allows something once an hour.
type hourly struct{ latest atomic.Int64 } // Unix nanoseconds; 0 before the first

func (h *hourly) allows(now time.Time) bool {
	latest := h.latest.Load()
	return (latest == 0 || now.UnixNano()-latest >= int64(time.Hour)) && h.latest.CompareAndSwap(latest, now.UnixNano())
}

// warnUntrustedProxy logs a warning, at most once an hour, if the request came through a proxy that is not trusted. All
// clients of such a proxy count as one client for the limits.
func (a *listenerApp) warnUntrustedProxy(c *fiber.Ctx, now time.Time) {
	if len(c.Request().Header.Peek(fiber.HeaderXForwardedFor)) == 0 {
		return
	}
	peer := peerOf(c)
	if !peer.IsValid() || isTrusted(peer, a.TrustedProxies) || !a.forwardedWarning.allows(now) {
		return
	}
	a.Log.WarnContext(c.UserContext(), "an X-Forwarded-For came from a peer that is not in AIKAGI_TRUSTED_PROXIES: it is ignored, "+
		"and all clients of that peer count as one", "peer", peer)
}
