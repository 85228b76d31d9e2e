package password

import (
	"slices"
	"strings"
	"testing"
)

func TestTheListIsSortedAndSmall(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(words, "\n"), "\n")
	if !slices.IsSorted(lines) {
		t.Error("the list is not sorted")
	}
	if len(lines) < 15_000 {
		t.Errorf("got %d words", len(lines))
	}
	if len(words) > 200<<10 {
		t.Errorf("got %d bytes, want at most 200 KiB", len(words))
	}
	for _, line := range lines {
		if len(line) < minWord || len(line) > MaxLength || strings.ContainsFunc(line, func(r rune) bool { return !isLower(r) }) {
			t.Errorf("%q can never be matched", line)
		}
	}
}

func TestEveryWordOfTheListIsFound(t *testing.T) {
	for line := range strings.Lines(words) {
		if word := strings.TrimSuffix(line, "\n"); !isListed(word) {
			t.Errorf("%q is not found", word)
		}
	}
	for _, word := range []string{"", "a", "aaa", "sakur", "sakuraq", "zzzzzzzzzz", "\n", "~~~~"} {
		if isListed(word) {
			t.Errorf("%q is found", word)
		}
	}
}

func TestADisguisedWordIsCommon(t *testing.T) {
	for _, text := range []string{
		"Password1", "PASSWORD-1", "Passw0rd1", "P@ssw0rd1", "P@55w0rd1", "1Password", "2024Password",
		"Password123456789", "PasswordPassword1", "TotoroTotoro7", "Hell0-1234", "1loveYou/", "Sunshine1", "Princess/7",
		"Sakura2024", "5akura2024", "S@kur@2024", "Sakura/04/05", "Nippon2020", "Doraemon1", "D0raem0n1", "D0raem0n-0903",
		"Arigatou1", "Konnichiwa1", "Takahashi7", "Watanabe-1", "Hanako1985",
		"Hiroshi-19700101", "Himawari55", "Fujisan3776", "Manekineko8", "Wakwak1234", "Kaiin-2024", "Pokemon025", "Totoro-88",
		"Test-1234", "Testtest1", "HogeHoge1",
	} {
		if !isCommon(foldCase(text)) {
			t.Errorf("%s is not common", text)
		}
	}
}

func TestAPatternIsCommon(t *testing.T) {
	for _, text := range []string{
		"Abcdefgh1", "Abcd12345", "Abc123xyz", "Zyxwvuts9", "Aa12345678", "123456789aA", "Aaaaaaaa1", "Aaa111bbb", "Abcabcabc1",
		"Aa1Aa1Aa1", "Kt7vKt7vK", "Qwertyuiop", "Qwerty123456", "Poiuytrewq1", "Asdfghjkl1", "Zxcvbnm123", "1Qaz2wsx3edc", "3edc2wsx1Qaz",
		"1q2w3e4R5t", "Q1w2e3r4t5", "Qawsedrf1", "Qazwsxedc1", "-_-_-_-_-_", "1111-Aaaa", "Kokokoko7",
	} {
		if !isCommon(foldCase(text)) {
			t.Errorf("%s is not common", text)
		}
	}
}

func TestAPasswordThatIsNotGuessedEarlyIsNotCommon(t *testing.T) {
	for _, text := range []string{
		"Demo-pass9", "mT4pL9xRw", "Tanuki7Kettle", "maguro/7-Shoyu", "Kai-48291736", "wq-77-Retsuko-ni", "Abd-157-xzw", "Qwe-135-Zxd",
		"umiToYama3", "Kt7vRKt7vR", "aB3dE6gH9", "Neko-ga-3biki", "Yamada-Tarou1", "Nice-word77",
	} {
		if isCommon(foldCase(text)) {
			t.Errorf("%s is common", text)
		}
	}
}

func TestRunsAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 1, "ab": 2, "abc": 1, "cba": 1, "aaa": 1, "abcd12345": 2, "aaaaaaaa1": 2, "qwertyuiop@": 1, "890-": 1, "kt7vrm2qb": 9,
		"ああああ": 1, "😀😀😀x": 2,
	} {
		if got := runs(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestFourRunsAreCommonAndFiveAreNot(t *testing.T) {
	for text, want := range map[string]bool{"abcd9876zxcvlkj": true, "abcd9876zxcvlkj7": false} {
		if got := isCommon(text); got != want {
			t.Errorf("%s of %d runs: got %v, want %v", text, runs(text), got, want)
		}
	}
}

func TestAUnitRepeatsAtLeastTwice(t *testing.T) {
	for text, want := range map[string]string{
		"aaaa": "a", "ababa": "ab", "kt7vkt7v": "kt7v", "kt7vkt7vk": "kt7v", "kt7vkt": "kt7vkt", "kt7vk": "kt7vk", "kt7v": "kt7v", "k": "k", "": "",
	} {
		if got := unit(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSixCharactersOfAUnitOfFourAreRepeated(t *testing.T) {
	for text, want := range map[string]bool{
		"ababab": true, "ababa": false, "kt7vkt7v": true, "kt7vrkt7vr": false, "ああああああ": true,
	} {
		if got := isRepeated(text); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func BenchmarkIsCommon(b *testing.B) {
	for b.Loop() {
		isCommon("4@1/3-0kx75ab1-_@347")
	}
}
