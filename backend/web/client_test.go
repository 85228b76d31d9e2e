package web

import (
	"net/netip"
	"strings"
	"testing"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8:ffff::/48")}

// CVE-2024-47070, CVE-2025-66482, GHSA-rjr7-jggh-pgcp: forged or malformed headers gave new limits, or none.
func TestTheClientsAddressCannotBeForged(t *testing.T) {
	for name, c := range map[string]struct {
		peer  string
		lines []string
		want  string
	}{
		"a stranger":                    {"203.0.113.9", nil, "203.0.113.9"},
		"a stranger's header":           {"203.0.113.9", []string{"198.51.100.1"}, "203.0.113.9"},
		"a stranger as a proxy":         {"203.0.113.9", []string{"10.0.0.1"}, "203.0.113.9"},
		"through a proxy":               {"10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		"through two proxies":           {"10.0.0.1", []string{"198.51.100.1, 192.0.2.7"}, "198.51.100.1"},
		"a forged entry first":          {"10.0.0.1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		"lines are joined":              {"10.0.0.1", []string{"1.1.1.1", "198.51.100.1", "10.2.3.4"}, "198.51.100.1"},
		"a proxy's address to the left": {"10.0.0.1", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		"proxies only":                  {"10.0.0.1", []string{"10.0.0.2,192.0.2.7"}, "10.0.0.1"},
		"no header":                     {"10.0.0.1", nil, "10.0.0.1"},
		"garbage":                       {"10.0.0.1", []string{"a"}, "10.0.0.1"},
		"garbage between":               {"10.0.0.1", []string{"198.51.100.1, , unknown,\x01, 10.0.0.300"}, "198.51.100.1"},
		"a host name":                   {"10.0.0.1", []string{"localhost, 198.51.100.1"}, "198.51.100.1"},
		"with ports":                    {"10.0.0.1", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"mapped":                        {"::ffff:10.0.0.1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"a mapped proxy":                {"10.0.0.1", []string{"198.51.100.1, ::ffff:10.0.0.9"}, "198.51.100.1"},
		"a mapped stranger":             {"::ffff:203.0.113.9", []string{"198.51.100.1"}, "203.0.113.9"},
		"IPv6":                          {"2001:db8:ffff::1", []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		"IPv6 in brackets":              {"10.0.0.1", []string{"[2001:db8:1:2:3::6]"}, "2001:db8:1:2::/64"},
		"IPv6 with a port":              {"10.0.0.1", []string{"[2001:db8:1:2:3::6]:4711"}, "2001:db8:1:2::/64"},
		"a neighbour of the same /64":   {"2001:db8:1:2::77", nil, "2001:db8:1:2::/64"},
		"IPv6 with a zone":              {"fe80::1%eth0", nil, "fe80::/64"},
	} {
		got := clientName(clientAddress(netip.MustParseAddr(c.peer), c.lines, proxies))
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestOnlyTheHeaderOfATrustedProxyIsBelieved(t *testing.T) {
	ask := scenario{
		Method: "POST", Path: "/api/recoveries", Body: `{"login_id":"abcd","mail_address":"a@b"}`,
		Header: map[string]string{"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.2", "Forwarded": "for=198.51.100.3"},
	}
	for _, c := range []struct {
		trusted []netip.Prefix
		want    string
	}{
		{nil, "127.0.0.1"},
		{proxies, "127.0.0.1"},
		{[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "198.51.100.1"},
	} {
		h := start(t, func(s *Server) { s.TrustedProxies = c.trusted })
		send(t, h.base, ask)
		if got := h.store.added[0].Client; got != c.want {
			t.Errorf("trusting %v: got %s, want %s", c.trusted, got, c.want)
		}
	}
}

// FuzzXForwardedFor looks for a header that changes the address of a stranger, or that gives an address which is not canonical.
func FuzzXForwardedFor(f *testing.F) {
	for _, seed := range []string{"", "198.51.100.1", "a, 10.0.0.1", "::ffff:1.2.3.4", "[::1]:80", "fe80::1%x", ",,,", "1.2.3.4\n5.6.7.8"} {
		f.Add(seed)
	}
	proxy, stranger := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("203.0.113.9")
	f.Fuzz(func(t *testing.T, header string) {
		if got := clientAddress(stranger, []string{header}, proxies); got != stranger {
			t.Errorf("a stranger became %s", got)
		}
		got := clientAddress(proxy, []string{header}, proxies)
		if got != proxy && isTrusted(got, proxies) || !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Errorf("got %s", got)
		}
		if with := clientAddress(proxy, []string{header, "198.51.100.1"}, proxies); with.String() != "198.51.100.1" {
			t.Errorf("an entry before the true address changed the result to %s", with)
		}
		if name := clientName(got); strings.ContainsAny(name, " ,%\n") {
			t.Errorf("got the name %q", name)
		}
	})
}
