package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"aikagi/backend/testkit"
	"aikagi/backend/testkit/sink"
)

func TestALetterThatTheMailServerRefusesIsListedAtOnce(t *testing.T) {
	onBothSites(t, func(t *testing.T, s *site) {
		list := func(args ...string) string {
			t.Helper()
			p, out := s.program()
			if code := run(p, append([]string{"letters"}, args...)); code != exitDone {
				t.Fatalf("got %d: %s", code, out)
			}
			return out.String()
		}
		if got := list(); got != "no failed letters, and none that is being refused\n" {
			t.Errorf("before: got %s", got)
		}
		s.mails.SetMode(sink.Mode{Refuse: 550, At: "rcpt"})
		s.browser().ask(taro, taroAddress)
		eventually(t, "a letter that was refused", func() bool { return strings.Contains(list(), "answer 550 5.7.1") })
		got := list()
		for _, want := range []string{"+09:00  letter ", "to " + taro, "temporary_password  waiting", "tries 1", "next try 2"} {
			if !strings.Contains(got, want) {
				t.Errorf("the list does not say %q: %s", want, got)
			}
		}
		if strings.Contains(got, taroAddress) {
			t.Errorf("the list says the address: %s", got)
		}
		var told struct{ Letters []listedLetter }
		if err := json.Unmarshal([]byte(list("--json", "--member", taro)), &told); err != nil || len(told.Letters) != 1 {
			t.Fatalf("got %d letters, %v", len(told.Letters), err)
		}
		if l := told.Letters[0]; l.LoginID != taro || l.State != "waiting" || l.Answer != "550 5.7.1" || l.NextTryAt == nil || l.EndedAt != nil || l.CreatedAt.IsZero() || len(l.Receipt) != 8 {
			t.Errorf("got %+v", l)
		}
	})
}

func TestAnEmptyListOfLettersIsAnEmptyArray(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	p, out := s.program()
	if code := run(p, []string{"letters", "--json"}); code != exitDone || !strings.Contains(out.String(), `"letters": []`) {
		t.Errorf("got %d: %s", code, out)
	}
}

func TestMoreLettersThanAreCountedAreNotStatedAsANumber(t *testing.T) {
	if got := (lettersFound{Total: 10_000}).total(); got != "more than 10000" {
		t.Errorf("got %s", got)
	}
}

func TestTheTotalIsNotLessThanTheListHas(t *testing.T) {
	for _, test := range []struct{ limit, counted, want int }{
		{100, 101, 101},
		{100, 10_000, 10_000},
		{10_000, 10_000, 10_000},
		{20_000, 10_000, 20_000}, // the count has stopped
	} {
		if got := totalBeyond(test.limit, test.counted); got != test.want {
			t.Errorf("--limit %d, %d counted: got %d, want %d", test.limit, test.counted, got, test.want)
		}
	}
}

func TestTheHelpOfLettersShowsTheFlagsOfTheList(t *testing.T) {
	code, said := runIn(t, nil, "letters", "--help")
	for _, want := range []string{"--state", "--member", "--limit", "--json", "letters retry"} {
		if code != exitDone || !strings.Contains(said, want) {
			t.Errorf("got %d, without %s:\n%s", code, want, said)
		}
	}
}
