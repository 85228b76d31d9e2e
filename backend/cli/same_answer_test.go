package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The members that a request for recovery can name.
var asks = map[string][2]string{
	"the member":         {taro, taroAddress},
	"a wrong login ID":   {"nobody99", taroAddress},
	"a wrong address":    {taro, "wrong@xxx.mm-m.ne.jp"},
	"both wrong":         {"nobody99", "wrong@xxx.mm-m.ne.jp"},
	"a suspended member": {suspended, sleeping},
	"another's address":  {taro, sleeping},
}

// stableParts is everything in an answer except the values that are random in every answer.
func stableParts(got answer) string {
	header := maps.Clone(got.header)
	header.Del("Date")
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		lines = append(lines, fmt.Sprintf("%s: %q", name, header[name]))
	}
	return fmt.Sprintf("%d %d\n%s\n%s", got.status, len(got.body), strings.Join(lines, "\n"), got.body)
}

// masked returns the answer without the id, the receipt and the login ID, which differ between requests.
func masked(t *testing.T, got answer, loginID string) string {
	t.Helper()
	text := stableParts(got)
	for name, value := range got.json(t) {
		if hidden, is := value.(string); is && (name == "id" || name == "receipt" || name == "login_id") {
			text = strings.ReplaceAll(text, `"`+hidden+`"`, name)
		}
	}
	// The lengths differ by the lengths of the login IDs.
	typed := len(loginID) * strings.Count(got.body, `"`+loginID+`"`)
	return strings.ReplaceAll(text, strconv.Itoa(len(got.body)), strconv.Itoa(len(got.body)-typed))
}

// CVE-2022-39307, CVE-2023-44399, CVE-2026-23511: different answers showed who is a member.
func TestEveryRecoveryIsAnsweredTheSameWhomeverItNames(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		strangers := make(map[string]*browser)
		paths := make(map[string]string)
		compare := func(step string, call func(b *browser, path string) answer) {
			t.Helper()
			var first, firstName string
			for _, name := range slices.Sorted(maps.Keys(asks)) {
				text := masked(t, call(strangers[name], paths[name]), asks[name][0])
				if first == "" {
					first, firstName = text, name
				}
				if text != first {
					t.Errorf("%s: %s gets\n%s\nand %s\n%s", step, firstName, first, name, text)
				}
			}
		}
		for name := range asks {
			strangers[name] = s.browser()
		}
		compare("ask", func(b *browser, _ string) answer {
			for name, other := range strangers {
				if other == b {
					got := b.call("POST", "/api/recoveries", "login_id", asks[name][0], "mail_address", asks[name][1])
					paths[name] = "/api/recoveries/" + got.json(t)["id"].(string)
					return got
				}
			}
			panic("no such browser")
		})
		look := func(b *browser, path string) answer { return b.call("GET", path) }
		guess := func(b *browser, path string) answer {
			return b.call("POST", path+"/redemption", "temporary_password", "wrongguess")
		}
		again := func(b *browser, path string) answer { return b.call("POST", path+"/letter") }
		set := func(b *browser, path string) answer {
			return b.call("PUT", path+"/password", "new_password", newPassword)
		}
		compare("look before the worker", look)
		s.settled()
		compare("look after the worker", look)
		compare("guess", guess)
		compare("ask again", again)
		s.settled()
		compare("set a password", set)

		owner := s.browser()
		path := owner.ask(taro, taroAddress)
		s.settled()
		if got := len(s.mails.Letters()); got != 1 {
			t.Fatalf("got %d letters, want 1: nobody but the member is mailed, and once a minute", got)
		}
		owner.want(200, "POST", path+"/redemption", "temporary_password", temporaryPassword(t, s.mails.Letters()[0]))
		compare("look when the member has redeemed elsewhere", look)
		compare("guess when the member has redeemed elsewhere", guess)
		owner.want(204, "PUT", path+"/password", "new_password", newPassword)
		compare("look when the member has a new password", look)
		compare("guess when the member has a new password", guess)
		compare("ask again when the member has a new password", again)
		s.resolved() // the member's next letter is held for a minute
		for range 2 {
			compare("guess to the end", guess)
		}
		compare("guess past the end", guess)
		compare("look at the end", look)
	})
}

func TestAFailedSignInShowsNothing(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		tries := map[string][2]string{
			"a wrong password":   {taro, newPassword},
			"an unknown member":  {"nobody99", oldPassword},
			"a suspended member": {suspended, oldPassword},
			"an empty password":  {taro, ""},
			"a long password":    {taro, strings.Repeat("A", 129)},
		}
		var first string
		for _, name := range slices.Sorted(maps.Keys(tries)) {
			got := stableParts(s.browser().want(401, "POST", "/api/session", "login_id", tries[name][0], "password", tries[name][1]))
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("%s gets\n%s\nanother\n%s", name, got, first)
			}
		}
	})
}
