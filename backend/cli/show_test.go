package cli

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	letters "aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/testkit"
)

// shown runs members show and returns its output.
func (s *site) shown(which string) string {
	s.t.Helper()
	code, printed := runIn(s.t, s.environ, "members", "show", which)
	if code != exitDone {
		s.t.Fatalf("members show %s: got %d\n%s", which, code, printed)
	}
	return printed
}

func lineWith(t *testing.T, printed, text string) string {
	t.Helper()
	var found []string
	for line := range strings.Lines(printed) {
		if strings.Contains(line, text) {
			found = append(found, strings.TrimRight(line, "\n"))
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines have %q in\n%s", len(found), text, printed)
	}
	return found[0]
}

var statedExpiry = regexp.MustCompile(`【有効期限】\s+(\d{8} \d\d:\d\d)`)

// A member mistyped the temporary password on the page that the letter opens, and calls the help desk.
func TestTheTimelineShowsWhatBecameOfALetter(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		asked := s.browser().ask(taro, taroAddress)
		letter := s.letters(1)[0]
		link := "/api/recoveries/" + string(testkit.RecoveryIn(t, letters.Message{Text: letter.Text}))
		s.settled()
		expiry := statedExpiry.FindStringSubmatch(letter.Text)
		if expiry == nil {
			t.Fatalf("no expiry in\n%s", letter.Text)
		}
		at, err := time.ParseInLocation("20060102 15:04", expiry[1], japan)
		if err != nil {
			t.Fatal(err)
		}
		lives := "lives until " + at.Format("2006-01-02T15:04:")
		s.browser().want(422, "POST", asked+"/redemption", "temporary_password", "wrong")
		for range 3 {
			s.browser().want(422, "POST", link+"/redemption", "temporary_password", "wrong")
		}
		printed := s.shown(taro)
		ask := lineWith(t, printed, "asked for recovery")
		if !strings.Contains(ask, "outcome letter (a letter was made)") || !strings.HasSuffix(ask, "wrong guesses 1 of 5") || !strings.Contains(ask[:26], "+09:00") {
			t.Errorf("the ask: got %q", ask)
		}
		line := lineWith(t, printed, "wrong guesses through its link")
		messageID, _, _ := strings.Cut(letter.Raw[strings.Index(letter.Raw, "Message-ID: <")+len("Message-ID: <"):], ">")
		for _, want := range []string{"wrong guesses through its link 3 of 5  ", "temporary password " + lives, "Message-ID " + messageID, "accepted", "answer 250"} {
			if !strings.Contains(line, want) {
				t.Errorf("the letter: got %q, want %q in it", line, want)
			}
		}
		if got := lineWith(t, printed, "temporary password  "); !strings.Contains(got, lives) {
			t.Errorf("got %q, want %q", got, lives)
		}

		for range 2 {
			s.browser().want(422, "POST", link+"/redemption", "temporary_password", "wrong")
		}
		s.browser().want(410, "POST", link+"/redemption", "temporary_password", "wrong")
		if got := lineWith(t, s.shown(taro), "wrong guesses through its link"); !strings.Contains(got, "wrong guesses through its link 5 of 5: ended") {
			t.Errorf("all spent: got %q", got)
		}
		s.browser().want(200, "POST", asked+"/redemption", "temporary_password", temporaryPassword(t, letter))
		printed = s.shown(taro)
		if got := lineWith(t, printed, "wrong guesses through its link"); !strings.Contains(got, "temporary password used at ") {
			t.Errorf("redeemed: got %q", got)
		}
		if got := lineWith(t, printed, "temporary password  "); !strings.HasSuffix(got, "none") {
			t.Errorf("redeemed: got %q", got)
		}
	})
}

func TestTheTimelineSaysThatATemporaryPasswordHasEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t))
	s.browser().ask(taro, taroAddress)
	s.letters(1)
	s.settled()
	s.command("members", "void", taro)
	if got := lineWith(t, s.shown(taro), "temporary password  "); !strings.Contains(got, "ended: the password, the address or the status was changed after it") {
		t.Errorf("voided: got %q", got)
	}
	s.browser().ask(suspended, sleeping)
	s.resolved()
	if printed := s.shown(suspended); !strings.Contains(printed, "outcome suspended (the member was not active)") {
		t.Errorf("suspended: got\n%s", printed)
	}
}

// A member's login ID may look like a receipt number.
func TestATextThatIsBothALoginIDAndAReceiptShowsBoth(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		got := s.browser().want(202, "POST", "/api/recoveries", "login_id", "nobody2", "mail_address", taroAddress).json(t)
		receipt := got["receipt"].(string)
		s.resolved()
		if printed := s.shown(receipt); !strings.Contains(printed, "for login ID nobody2 at ") || !strings.Contains(printed, "No member has the login ID nobody2.") ||
			strings.Contains(printed, "login ID "+receipt) {
			t.Errorf("a receipt alone: got\n%s", printed)
		}
		twin := member.Member{LoginID: member.LoginID(receipt), MailAddress: "twin@xxx.mm-m.ne.jp", Status: member.Active, PasswordHash: demoHash, PasswordVersion: 1}
		if err := s.server.store.Members().AddMembers(t.Context(), []member.Member{twin}); err != nil {
			t.Fatal(err)
		}
		printed := s.shown(receipt)
		for _, want := range []string{"Receipt " + receipt + " was given to an ask for login ID nobody2", "No member has the login ID nobody2.", "outcome unknown_login_id", "twin@xxx.mm-m.ne.jp"} {
			if !strings.Contains(printed, want) {
				t.Errorf("got\n%s\nwant %q in it", printed, want)
			}
		}
		// A recovery with that login ID has another receipt, and is shown once.
		s.browser().ask(receipt, "twin@xxx.mm-m.ne.jp")
		s.resolved()
		lineWith(t, s.shown(receipt), "outcome letter")
	})
}

func TestTheTimelineSaysWhenItIsCut(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	if printed := s.shown(taro); strings.Contains(printed, "… the latest") {
		t.Errorf("got\n%s", printed)
	}
	var line timeline
	line.addActivities(make([]member.Activity, timelineLength))
	var out strings.Builder
	line.writeTo(&out)
	if !strings.HasSuffix(out.String(), "… the latest 200 of each kind\n") {
		t.Errorf("got\n%s", out.String())
	}
}

// Programs get one JSON object with times in UTC, with the same content as the text.
func TestTheTimelineIsOneJSONObject(t *testing.T) {
	t.Parallel()
	onBothSites(t, func(t *testing.T, s *site) {
		s.browser().ask(taro, taroAddress)
		letter := s.letters(1)[0]
		s.settled()
		link := "/api/recoveries/" + string(testkit.RecoveryIn(t, letters.Message{Text: letter.Text}))
		s.browser().want(422, "POST", link+"/redemption", "temporary_password", "wrong")
		s.command("members", "suspend", taro, "--by", "Hanako", "--reason", "lost phone")
		code, printed := runIn(t, s.environ, "members", "show", "--json", taro)
		var got map[string]any
		if err := json.Unmarshal([]byte(printed), &got); code != exitDone || err != nil || strings.Count(printed, "\n") != 1 {
			t.Fatalf("got %d, %v\n%s", code, err, printed)
		}
		times := regexp.MustCompile(`"(at|[a-z]+_at)":"[^"]*"`).FindAllString(printed, -1)
		for _, at := range times {
			if !regexp.MustCompile(`:"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"$`).MatchString(at) {
				t.Errorf("got %s, want RFC 3339 in UTC", at)
			}
		}
		one := got["login_ids"].([]any)[0].(map[string]any)
		m := one["member"].(map[string]any)
		if m["status"] != "suspended" || m["basic_mail_address"] != taroAddress || m["password"] != "usable" || m["voided_at"] != nil ||
			m["temporary_password"].(map[string]any)["state"] != "ended" {
			t.Errorf("got the member %v", m)
		}
		events := make(map[string]map[string]any)
		for _, e := range one["timeline"].([]any) {
			event := e.(map[string]any)
			events[event["what"].(string)] = event
		}
		for what, want := range map[string]map[string]any{
			"asked_for_recovery": {"outcome": "letter", "wrong_guesses": 0.0},
			"letter":             {"kind": "temporary_password", "state": "accepted", "answer": "250", "wrong_guesses": 1.0, "tries": 1.0},
			"suspended":          {"by": "operator", "author": "Hanako", "reason": "lost phone"},
		} {
			for name, value := range want {
				if events[what][name] != value {
					t.Errorf("%s: got %v, want %s %v", what, events[what], name, value)
				}
			}
		}
		if code, printed := runIn(t, s.environ, "members", "show", "--json", "nobody77"); code != exitFailed || strings.Contains(printed, "{") {
			t.Errorf("nobody: got %d\n%s", code, printed)
		}
	})
}
