package config

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestThePublicURLIsABareOrigin(t *testing.T) {
	readings{
		"https://Support.Example.JP/": "https://support.example.jp",
		"https://h:443":               "https://h",
		"https://h:8443":              "https://h:8443",
		"http://localhost:8080":       "http://localhost:8080",
		"http://127.0.0.1:80":         "http://127.0.0.1",
		"http://[::1]:8080/":          "http://[::1]:8080",
		"http://support.example.jp":   "! uses http, which is for loopback only: members' passwords would cross the network in clear",
		"http://localhost.example.jp": "! uses http, which is for loopback only: members' passwords would cross the network in clear",
		"https://u:p@h":               "! holds a user name or a password",
		"https://h/support":           "! has a path after the host",
		"https://h?":                  "! has a ? or a # after the host",
		"https://h/#a":                "! has a ? or a # after the host",
		"https://日本.jp":               "! has a host that is not ASCII (write its xn-- form)",
		"https://h:99999":             "! has a wrong host or port",
		"https://h:":                  "! has a wrong host or port",
		"https://-":                   "! has a wrong host or port",
		"https://":                    "! is not an address that begins with https://",
		"support.example.jp":          "! is not an address that begins with https://",
		"ftp://h":                     "! is not an address that begins with https://",
		"https://h\r\nx":              "! is not an address that begins with https://",
	}.check(t, shown(parseOrigin, func(o Origin) string { return string(o) }))
}

func TestANetworkOfAllAddressesIsNoProxy(t *testing.T) {
	readings{
		"10.0.0.0/8, 192.0.2.7,2001:db8::/32": "[10.0.0.0/8 192.0.2.7/32 2001:db8::/32]",
		"::ffff:192.0.2.7":                    "[192.0.2.7/32]",
		"0.0.0.0/0":                           `! holds "0.0.0.0/0", which is everyone`,
		"10.0.0.1,::/0":                       `! holds "::/0", which is everyone`,
		"10.0.0.1/8":                          `! holds "10.0.0.1/8": the network is 10.0.0.0/8, the address alone 10.0.0.1`,
		"::ffff:10.0.0.0/104":                 `! holds "::ffff:10.0.0.0/104": write IPv4 networks as such`,
		"proxy.example.jp":                    `! holds "proxy.example.jp", which is neither a network nor an IP address`,
		"10.0.0.1,":                           `! holds "", which is neither a network nor an IP address`,
		"fe80::1%eth0":                        `! holds "fe80::1%eth0", which is neither a network nor an IP address`,
	}.check(t, shown(parseProxies, func(p []netip.Prefix) string { return fmt.Sprint(p) }))
}

func TestAListenerHasAHostAndAPort(t *testing.T) {
	readings{
		"127.0.0.1:8080":  "127.0.0.1:8080 true",
		"[::1]:0":         "[::1]:0 true",
		"localhost:80":    "localhost:80 true",
		":8080":           ":8080 false",
		"0.0.0.0:8080":    "0.0.0.0:8080 false",
		"127.0.0.1":       "! is not host:port",
		"127.0.0.1:http":  "! has a port that is not a number from 0 to 65535",
		"127.0.0.1:65536": "! has a port that is not a number from 0 to 65535",
		"127.0.0.300:1":   "! has a host that is neither a name nor an IP address",
		"http://h:1":      "! is not host:port",
	}.check(t, shown(parseAddress, func(a Address) string { return fmt.Sprint(a, " ", a.IsLoopback()) }))
}
