package web

import (
	"net"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// prefixIPv6 is what of an IPv6 address counts as one client: a household has a /64 and could use a new address of
// it for every request.
const prefixIPv6 = 64

// clientOf names who asks, as limits see them.
func (s *Server) clientOf(c *fiber.Ctx) string {
	peer, _ := c.Context().RemoteAddr().(*net.TCPAddr)
	if peer == nil {
		return ""
	}
	var lines []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		lines = append(lines, string(line))
	}
	return clientName(clientAddress(peer.AddrPort().Addr(), lines, s.TrustedProxies))
}

// clientAddress is the peer's, unless the peer is a trusted proxy: then the right-most entry that is not one
// itself, of all lines joined. A proxy writes at the right end, so what a client invents stands to the left of the
// truth. What is no address is ignored: with nothing left, the peer's counts (CVE-2024-47070 let all through).
func clientAddress(peer netip.Addr, lines []string, trusted []netip.Prefix) netip.Addr {
	peer = plain(peer)
	if !isTrusted(peer, trusted) {
		return peer
	}
	entries := strings.Split(strings.Join(lines, ","), ",")
	for i := len(entries) - 1; i >= 0; i-- {
		address, ok := parseForwarded(strings.TrimSpace(entries[i]))
		if ok && !isTrusted(address, trusted) {
			return address
		}
	}
	return peer
}

// parseForwarded reads an address, which some proxies write with its port.
func parseForwarded(entry string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.Trim(entry, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(entry)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return plain(address), true
}

// plain gives an address the one form that it is compared in: ::ffff:192.0.2.1 is 192.0.2.1, and no zone.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	for _, network := range trusted {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

func clientName(address netip.Addr) string {
	if !address.Is6() {
		return address.String()
	}
	network, err := address.Prefix(prefixIPv6)
	if err != nil {
		return address.String()
	}
	return network.String()
}
