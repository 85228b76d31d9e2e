package config

import (
	"fmt"
	"strings"
)

// Mistake is one thing that is wrong with the settings. It never holds the value of a secret.
type Mistake struct {
	// Setting is the name in the environment, such as AIKAGI_LISTEN.
	Setting string
	// From says where the value stands when it is not the environment: listen in /etc/aikagi.toml.
	From string
	// Wrong says what is wrong; Right what would be right.
	Wrong, Right string
}

func (m Mistake) String() string {
	from := ""
	if m.From != "" {
		from = " (" + m.From + ")"
	}
	return fmt.Sprintf("%s%s: %s; %s", m.Setting, from, m.Wrong, m.Right)
}

// MistakesError holds all mistakes of the settings, so that an operator mends them in one go.
type MistakesError struct {
	Mistakes []Mistake
	// LogText is what LOG_FORMAT says, or its default.
	LogText bool
}

// Error lists each mistake on a line of its own.
func (e *MistakesError) Error() string {
	var text strings.Builder
	if len(e.Mistakes) == 1 {
		text.WriteString("there is a mistake in the settings:")
	} else {
		fmt.Fprintf(&text, "there are %d mistakes in the settings:", len(e.Mistakes))
	}
	for _, mistake := range e.Mistakes {
		text.WriteString("\n  " + mistake.String())
	}
	return text.String()
}

// mistakes collects while the settings are read.
type mistakes []Mistake

func (m *mistakes) add(name, from, wrong, right string) {
	*m = append(*m, Mistake{Setting: prefix + name, From: from, Wrong: wrong, Right: right})
}

// joinWords writes a list as one says it: a, b and c.
func joinWords(words []string) string {
	last := len(words) - 1
	if last <= 0 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// nearest finds the name that was probably meant: one that only has a word more or less at its end (BRAND, REDIS_URL),
// or the one with the fewest typing slips between it and the typed one, if these are few for its length.
func nearest(typed string, names []string) (string, bool) {
	best, fewest := "", len(typed)/3+1
	for _, name := range names {
		if strings.HasPrefix(name, typed+"_") || strings.HasPrefix(typed, name+"_") {
			return name, true
		}
		if slips := distance(typed, name); slips < fewest {
			best, fewest = name, slips
		}
	}
	return best, best != ""
}

// distance counts the letters to put in, take out or replace to make a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
