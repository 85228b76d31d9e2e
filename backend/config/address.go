package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Address is the address of a listener. An empty Host means all interfaces; Port 0 means any free port.
type Address struct {
	Host string
	Port int
}

// String returns host:port, as net.Listen takes it.
func (a Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// IsLoopback reports whether only this machine can reach the address.
func (a Address) IsLoopback() bool { return isLoopback(a.Host) }

func parseAddress(text string) (Address, error) {
	if _, err := strconv.Atoi(text); err == nil {
		return Address{}, errors.New("is a port without a host (all interfaces would be :" + text + ")")
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return Address{}, errors.New("is not host:port")
	}
	if host != "" && !isHost(host) {
		return Address{}, errors.New("has a host that is neither a name nor an IP address")
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Address{}, errors.New("has a port that is not a number from 0 to 65535")
	}
	return Address{host, int(number)}, nil
}

// parseProxies reads networks and single addresses, separated by commas.
func parseProxies(text string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		proxy, err := netip.ParsePrefix(item)
		if address, notAddress := netip.ParseAddr(item); notAddress == nil && address.Zone() == "" {
			address = address.Unmap()
			proxy, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("holds %q, which is neither a network nor an IP address", item)
		case proxy.Bits() == 0:
			// If every client is a trusted proxy, any client can forge its address and so evade every rate limit.
			return nil, fmt.Errorf("holds %q, which is everyone", item)
		case proxy.Addr().Is4In6():
			return nil, fmt.Errorf("holds %q: write IPv4 networks as such", item)
		case proxy != proxy.Masked():
			return nil, fmt.Errorf("holds %q: the network is %s, the address alone %s", item, proxy.Masked(), proxy.Addr())
		}
		proxies = append(proxies, proxy)
	}
	return proxies, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

// isHostName allows underscores, because names of containers have them. If the last label is a number, the text is a
// mistyped IP address and not a name.
func isHostName(text string) bool {
	_, err := strconv.ParseUint(text[strings.LastIndex(text, ".")+1:], 10, 64)
	return err != nil && len(text) <= 253 && hostName.MatchString(text)
}

func isHost(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Zone() == "" || err != nil && isHostName(text)
}

func isPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number > 0
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}
