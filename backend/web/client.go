package web

import (
	"net"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// prefixIPv6 is the length of the prefix of an IPv6 address that counts as one client. A customer gets a whole /64, and could
// use a new address in it for every request.
const prefixIPv6 = 64

// clientOf returns the name under which limits count the client.
func (s *Server) clientOf(c *fiber.Ctx) string {
	peer := peerOf(c)
	if !peer.IsValid() {
		return ""
	}
	var lines []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		lines = append(lines, string(line))
	}
	return clientName(clientAddress(peer, lines, s.TrustedProxies))
}

// peerOf returns the address at the other end of the connection: a client or a proxy. It is not valid without TCP.
func peerOf(c *fiber.Ctx) netip.Addr {
	peer, isTCP := c.Context().RemoteAddr().(*net.TCPAddr)
	if !isTCP {
		return netip.Addr{}
	}
	return canonicalAddress(peer.AddrPort().Addr())
}

// clientAddress returns the address of the peer. If the peer is a trusted proxy, it returns the last address in
// X-Forwarded-For that is no trusted proxy itself. Each proxy appends an address, so whatever the client invents is to the
// left of its true address. Entries that are no addresses are ignored. If nothing remains, the peer counts (CVE-2024-47070:
// no address meant no limit).
func clientAddress(peer netip.Addr, lines []string, trusted []netip.Prefix) netip.Addr {
	peer = canonicalAddress(peer)
	if !isTrusted(peer, trusted) {
		return peer
	}
	entries := strings.Split(strings.Join(lines, ","), ",")
	for i := len(entries) - 1; i >= 0; i-- {
		address, isAddress := parseForwarded(strings.TrimSpace(entries[i]))
		if isAddress && !isTrusted(address, trusted) {
			return address
		}
	}
	return peer
}

// parseForwarded parses an entry of X-Forwarded-For: an address, with a port from some proxies.
func parseForwarded(entry string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(strings.Trim(entry, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(entry)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return canonicalAddress(address), true
}

// canonicalAddress returns the form in which addresses are compared: 192.0.2.1 for ::ffff:192.0.2.1, and no zone.
func canonicalAddress(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	for _, network := range trusted {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// clientName returns the address, or the network of an IPv6 address.
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
