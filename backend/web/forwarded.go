package web

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// hourly lets one through every hour.
type hourly struct{ latest atomic.Int64 } // Unix nanoseconds; 0 before the first

func (h *hourly) lets(now time.Time) bool {
	latest := h.latest.Load()
	return (latest == 0 || now.UnixNano()-latest >= int64(time.Hour)) && h.latest.CompareAndSwap(latest, now.UnixNano())
}

// warnOfForwarded tells the operator about a proxy that is not trusted: all its clients count as one, and meet the limits
// of one client address together.
func (d *endpoint) warnOfForwarded(c *fiber.Ctx, now time.Time) {
	if len(c.Request().Header.Peek(fiber.HeaderXForwardedFor)) == 0 {
		return
	}
	peer, _ := c.Context().RemoteAddr().(*net.TCPAddr)
	if peer == nil || isTrusted(plain(peer.AddrPort().Addr()), d.TrustedProxies) || !d.forwarded.lets(now) {
		return
	}
	d.Log.WarnContext(c.UserContext(), "an X-Forwarded-For came from a peer that is not in AIKAGI_TRUSTED_PROXIES: it is ignored, "+
		"and all clients of that peer count as one", "peer", plain(peer.AddrPort().Addr()))
}
