package recovery

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) *time.Time {
	at := noon.Add(d)
	return &at
}

func TestAnIssuanceLivesUnderItsVersionUntilItIsUsedEndedOrRunsOut(t *testing.T) {
	const version = 3
	for name, each := range map[string]struct {
		issuance Issuance
		want     bool
	}{
		"not mailed yet":                  {Issuance{}, true},
		"not mailed, past its expiry":     {Issuance{ExpiresAt: after(-time.Hour)}, true},
		"mailed, without an expiry":       {Issuance{FirstMailedAt: after(-time.Hour)}, true},
		"mailed, before its expiry":       {Issuance{FirstMailedAt: after(-time.Hour), ExpiresAt: after(time.Microsecond)}, true},
		"mailed, at its expiry":           {Issuance{FirstMailedAt: after(-time.Hour), ExpiresAt: after(0)}, false},
		"used":                            {Issuance{UsedAt: after(0)}, false},
		"ended":                           {Issuance{EndedAt: after(0)}, false},
		"of an older version, not mailed": {Issuance{PasswordVersion: version - 1}, false},
	} {
		if each.issuance.PasswordVersion == 0 {
			each.issuance.PasswordVersion = version
		}
		if got := each.issuance.Lives(version, noon); got != each.want {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}

func TestAnExpiryIsRenewedUntilTwoHoursAfterTheFirstMail(t *testing.T) {
	stated := after(10 * time.Minute)
	for name, each := range map[string]struct {
		issuance Issuance
		want     time.Time
	}{
		"never mailed":                       {Issuance{}, noon.Add(time.Hour)},
		"never mailed, an expiry was stated": {Issuance{ExpiresAt: stated}, noon.Add(time.Hour)},
		"mailed, no expiry was stated":       {Issuance{FirstMailedAt: after(-3 * time.Hour)}, noon.Add(time.Hour)},
		"just before two hours":              {Issuance{FirstMailedAt: after(-2*time.Hour + time.Microsecond), ExpiresAt: stated}, noon.Add(time.Hour)},
		"after two hours":                    {Issuance{FirstMailedAt: after(-2 * time.Hour), ExpiresAt: stated}, *stated},
	} {
		if got := each.issuance.ExpiryIfMailed(noon, time.Hour); !got.Equal(each.want) {
			t.Errorf("%s: got %s, want %s", name, got, each.want)
		}
	}
}

func TestTheLimitsDecideWhetherAndWhenALetterIsDue(t *testing.T) {
	const lives = true
	lately := *after(-LetterInterval + time.Second)
	for name, each := range map[string]struct {
		lives bool
		sent  LetterCount
		want  Outcome
		dueAt time.Time
	}{
		"the first letter":                         {!lives, LetterCount{}, LetterSent, noon},
		"a new one, a minute after the last":       {!lives, LetterCount{Last: *after(-LetterInterval)}, LetterSent, noon},
		"a new one, sooner":                        {!lives, LetterCount{Last: lately}, LetterSent, *after(time.Second)},
		"a new one, above every limit":             {!lives, LetterCount{Due: true, RemailsAnHour: 99, RemailsADay: 99}, LetterSent, noon},
		"a re-mail, a minute after the last":       {lives, LetterCount{Last: *after(-LetterInterval)}, LetterSent, noon},
		"a re-mail, sooner":                        {lives, LetterCount{Last: lately}, TooSoon, time.Time{}},
		"a re-mail while a letter is due":          {lives, LetterCount{Due: true}, TooSoon, time.Time{}},
		"the last re-mail of an hour":              {lives, LetterCount{RemailsAnHour: MaxRemailsAnHour - 1}, LetterSent, noon},
		"one re-mail too many for an hour":         {lives, LetterCount{RemailsAnHour: MaxRemailsAnHour}, TooMany, time.Time{}},
		"the last re-mail of a day":                {lives, LetterCount{RemailsADay: MaxRemailsADay - 1}, LetterSent, noon},
		"one re-mail too many for a day":           {lives, LetterCount{RemailsADay: MaxRemailsADay}, TooMany, time.Time{}},
		"too soon and too many, which is too soon": {lives, LetterCount{Due: true, RemailsADay: MaxRemailsADay}, TooSoon, time.Time{}},
	} {
		got, dueAt := limitLetters(each.lives, each.sent, noon)
		if got != each.want || !dueAt.Equal(each.dueAt) {
			t.Errorf("%s: got %s, %s, want %s, %s", name, got, dueAt, each.want, each.dueAt)
		}
	}
}

func TestAHundredAsksThatAreSetAsideDoNotCountForTheBacklog(t *testing.T) {
	asks := make([]Unresolved, MaxSetAside+1)
	for i := range asks {
		asks[i] = Unresolved{Since: noon.Add(time.Duration(i) * time.Second), IsSetAside: true}
	}
	if since, waits := oldestCounted(asks[:MaxSetAside]); waits {
		t.Errorf("of %d asks the one since %s counts, want none", MaxSetAside, since)
	}
	if since, waits := oldestCounted(asks); !waits || !since.Equal(asks[MaxSetAside].Since) {
		t.Errorf("of one more: got %s, %v, want the last", since, waits)
	}
	asks[7].IsSetAside = false
	if since, waits := oldestCounted(asks); !waits || !since.Equal(asks[7].Since) {
		t.Errorf("got %s, %v, want the one that is not set aside", since, waits)
	}
}

func TestRecoveryIsBackloggedWhenTheOldestAskHasWaitedLongerThanHalfAMinute(t *testing.T) {
	var service Service
	if service.isBacklogged(noon) {
		t.Error("backlogged while no ask waits")
	}
	for age, want := range map[time.Duration]bool{0: false, MaxBacklog: false, MaxBacklog + time.Microsecond: true} {
		service.waitingSince.Store(noon.Add(-age).UnixMicro())
		if got := service.isBacklogged(noon); got != want {
			t.Errorf("after %s: got %v, want %v", age, got, want)
		}
	}
}

func TestEachWaitOfAnAskThatIsSetAsideIsTwiceTheLastUpToAMinute(t *testing.T) {
	for times, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60} {
		if got := setAsideFor(times); got != want*time.Second {
			t.Errorf("after %d times: got %s, want %s", times, got, want*time.Second)
		}
	}
	if got := setAsideFor(1 << 30); got != time.Minute {
		t.Errorf("got %s, want a minute", got)
	}
}

func TestAnAskThatWasSetAsideHasATransactionOfItsOwn(t *testing.T) {
	matches := make([]match, transactionSize+3)
	matches[1].ask.SetAside, matches[5].ask.SetAside = 1, 2
	var sizes []int
	for _, set := range transactionSets(matches) {
		sizes = append(sizes, len(set))
	}
	if want := []int{transactionSize, 1, 1, 1}; !slices.Equal(sizes, want) {
		t.Errorf("got sets of %v, want %v", sizes, want)
	}
}

func TestAMemberOfManyMatchesIsLockedOnce(t *testing.T) {
	got := memberIDs([]match{{memberID: 1}, {memberID: 1}, {memberID: 4}, {memberID: 4}, {memberID: 9}})
	if want := []member.ID{1, 4, 9}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAViewTellsTheGuessesThatAreLeft(t *testing.T) {
	for guesses, want := range map[int]View{
		0: {State: Waiting, GuessesLeft: 5}, 4: {State: Waiting, GuessesLeft: 1}, 5: {State: Ended}, 6: {State: Ended},
	} {
		if got := (Recovery{Guesses: guesses}).view(); got != want {
			t.Errorf("%d guesses: got %+v, want %+v", guesses, got, want)
		}
	}
}

func TestAKeyHasANameOf32CharactersAtMostAnd32BytesAtLeast(t *testing.T) {
	for _, each := range []struct {
		name     string
		bytes    int
		accepted bool
	}{
		{"k", 32, true},
		{"k", 31, false},
		{"k", 0, false},
		{"", 32, false},
		{"a:b", 32, false},
		{"a b", 32, false},
		{"a,b", 32, false},
		{strings.Repeat("k", 32), 32, true},
		{strings.Repeat("k", 33), 32, false},
	} {
		if _, err := NewKey(each.name, make([]byte, each.bytes)); (err == nil) != each.accepted {
			t.Errorf("%q with %d bytes: got %v, want it accepted: %v", each.name, each.bytes, err, each.accepted)
		}
	}
}

func TestARingHasKeysOfDifferentNames(t *testing.T) {
	key, err := NewKey("k", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewRing(); err == nil {
		t.Error("a ring without a key is accepted")
	}
	if _, err := NewRing(key, key); err == nil {
		t.Error("two keys of one name are accepted")
	}
}

// Another program computed these. They must not change: a letter that is sent again carries the same temporary password.
func TestATemporaryPasswordIsDerivedTheSameForEver(t *testing.T) {
	for issuance, want := range map[string]string{
		"ISSUANCE1":  "SbpNPRd3A",
		"ISSUANCE19": "fBgkhb7hr", // skips the byte 224, the first that would make some characters more likely
		"ISSUANCE56": "BrYG7d77M", // needs a second block
		"ISSUANCE57": "U6WYYhew4",
	} {
		if got := deriveTemporaryPassword(bytes.Repeat([]byte("k"), 32), 42, issuance).Reveal(); got != want {
			t.Errorf("%s: got %s, want %s", issuance, got, want)
		}
	}
}

func TestEveryLetterOfATemporaryPasswordMayBeTypedInTheOtherCase(t *testing.T) {
	if !NewTemporaryPassword(upperCase).Equals(NewTemporaryPassword(strings.ToLower(upperCase))) {
		t.Error("lower case does not equal upper case")
	}
	if NewTemporaryPassword("[").Equals(NewTemporaryPassword("{")) || NewTemporaryPassword("@").Equals(NewTemporaryPassword("`")) {
		t.Error("a character that is no letter has another case")
	}
}

// The shortest and the longest name of a key, and texts of every size that is too small, or too large by one.
func TestADisavowalTokenIsReadUnderAKeyOfAnyName(t *testing.T) {
	for _, length := range []int{1, 32} {
		key, err := NewKey(strings.Repeat("k", length), make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		ring, err := NewRing(key)
		if err != nil {
			t.Fatal(err)
		}
		want := disavowal{7, 3, time.Unix(1_800_000_000, 0)}
		if got, ours := ring.readDisavowal(ring.DisavowalToken(7, 3, want.issuedAt)); !ours || got != want {
			t.Errorf("a name of %d characters: got %+v, %v, want %+v", length, got, ours, want)
		}
		for size := range disavowalNumbersSize + disavowalMACSize + maxKeyName + 2 {
			if _, ours := ring.readDisavowal(NewDisavowalToken(base64.RawURLEncoding.EncodeToString(make([]byte, size)))); ours {
				t.Errorf("%d zero bytes are accepted as a token", size)
			}
		}
	}
}

func TestANoticeAnnouncesTheVersionThatTheChangeMakes(t *testing.T) {
	before := member.Member{ID: 7, MailAddress: "taro@xxx.mm-m.ne.jp", PasswordVersion: 4}
	got := NoticesOfNewAddress([2]string{"A", "B"}, before, Japanese, noon)
	want := [2]DueLetter{
		{ID: "A", Kind: FormerAddressNotice, FormerAddress: before.MailAddress},
		{ID: "B", Kind: NewAddressNotice},
	}
	for i := range want {
		want[i].MemberID, want[i].Language, want[i].DueAt, want[i].CreatedAt, want[i].PasswordVersion = 7, Japanese, noon, noon, 5
	}
	if got != want {
		t.Errorf("got %s, want %s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
}
