package password

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"aikagi/backend/member"
)

// rulesCase is one entry of testdata/cases.json, which the app's tests read as well.
type rulesCase struct {
	Name        string      `json:"name"`
	Password    string      `json:"password"`
	LoginID     string      `json:"login_id"`
	MailAddress string      `json:"mail_address"`
	Violations  []Violation `json:"violations"`
	Browser     bool        `json:"browser"`
}

func readCases(t testing.TB) []rulesCase {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []rulesCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestTheRulesJudgeAsTheSharedTableSays(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 150 {
		t.Fatalf("got %d cases, the table is incomplete", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			got := Check(NewPlain(c.Password), member.LoginID(c.LoginID), member.MailAddress(c.MailAddress))
			if !slices.Equal(got, c.Violations) {
				t.Errorf("got %+v, want %+v", got, c.Violations)
			}
		})
	}
}

func TestTheSharedTableMarksExactlyWhatTheBrowserCanJudge(t *testing.T) {
	for _, c := range readCases(t) {
		common := slices.ContainsFunc(c.Violations, func(v Violation) bool { return v.Code == TooCommon })
		unreadable := strings.ContainsRune(c.Password, utf8.RuneError)
		if c.Browser && common {
			t.Errorf("%s: the browser cannot judge too_common", c.Name)
		}
		if !c.Browser && !common && !unreadable {
			t.Errorf("%s: the browser can judge this", c.Name)
		}
	}
}

func TestACommonPasswordIsReportedOnlyAtAnAllowedLength(t *testing.T) {
	for text, want := range map[string]string{
		"Passwor1": TooShort, "Password1": TooCommon, "Password123456789012": TooCommon, "Password1234567890123": TooLong,
	} {
		if got := Check(NewPlain(text), "", ""); !slices.Equal(got, []Violation{{Code: want}}) {
			t.Errorf("%s: got %+v, want %s alone", text, got, want)
		}
	}
}

func TestEveryByteOfInvalidUTF8IsReported(t *testing.T) {
	got := Check(NewPlain("mT4pL9xRw\xff\xfe"), "wxyz", "wxyz@xxx.mm-m.ne.jp")
	want := []Violation{
		{Code: CharacterNotAllowed, Character: "\uFFFD", Position: 10},
		{Code: CharacterNotAllowed, Character: "\uFFFD", Position: 11},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAViolationWithoutACharacterIsEncodedAsItsCodeAlone(t *testing.T) {
	got, err := json.Marshal(Violation{Code: TooShort})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"code":"too_short"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// randomPassword draws a password that obeys the rules about characters.
func randomPassword(random *rand.Rand, length int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + Symbols
	for {
		text := make([]byte, length)
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		if s := string(text); strings.ContainsFunc(s, isUpper) && strings.ContainsFunc(s, isLower) && strings.ContainsFunc(s, isDigitOrSymbol) {
			return s
		}
	}
}

func TestARandomPasswordIsAlmostNeverRefused(t *testing.T) {
	const tries, allowed = 30_000, 3 // one in ten thousand
	random := rand.New(rand.NewPCG(1, 2))
	var refused []string
	for range tries {
		text := randomPassword(random, MinLength+random.IntN(MaxLength-MinLength+1)*random.IntN(2))
		if got := Check(NewPlain(text), "wxyz", "wxyz@xxx.mm-m.ne.jp"); len(got) > 0 {
			refused = append(refused, text)
		}
	}
	if len(refused) > allowed {
		t.Errorf("%d of %d refused, want at most %d: %q", len(refused), tries, allowed, refused)
	}
	t.Logf("%d of %d refused: %q", len(refused), tries, refused)
}

func FuzzCheck(f *testing.F) {
	for _, c := range readCases(f) {
		f.Add(c.Password, c.LoginID, c.MailAddress)
	}
	f.Add("mT4pL9xRw\xff", "\xff\xfe\xfd\xfc", "\xff@")
	f.Fuzz(func(t *testing.T, text, loginID, address string) {
		got := Check(NewPlain(text), member.LoginID(loginID), member.MailAddress(address))
		order := []string{
			TooShort, TooLong, CharacterNotAllowed, UpperCaseMissing, LowerCaseMissing, DigitOrSymbolMissing,
			ContainsLoginID, ContainsMailAddress, TooCommon,
		}
		characters := []rune(text)
		last := -1
		for _, v := range got {
			at := slices.Index(order, v.Code)
			if at < last || at < 0 || at == last && v.Code != CharacterNotAllowed {
				t.Errorf("%s is out of order in %+v", v.Code, got)
			}
			last = at
			if v.Code == CharacterNotAllowed && string(characters[v.Position-1]) != v.Character {
				t.Errorf("%q is not at %d of %q", v.Character, v.Position, text)
			}
		}
		if len(got) == 0 && (len(text) < MinLength || len(text) > MaxLength) {
			t.Errorf("%q of %d bytes passed", text, len(text))
		}
	})
}
