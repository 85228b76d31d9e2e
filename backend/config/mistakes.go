package config

import (
	"fmt"
	"strings"
)

// Mistake describes one mistake in the settings. It never holds the value of a secret.
type Mistake struct {
	// Setting is the name of the setting in the environment, such as AIKAGI_LISTEN.
	Setting string
	// From names the source of the value, such as "listen in /etc/aikagi.toml". It is empty for the environment.
	From string
	// Wrong says what is wrong, and Right what would be right.
	Wrong, Right string
}

func (m Mistake) String() string {
	from := ""
	if m.From != "" {
		from = " (" + m.From + ")"
	}
	return fmt.Sprintf("%s%s: %s; %s", m.Setting, from, m.Wrong, m.Right)
}

// MistakesError holds all mistakes in the settings, so that an operator can correct them at once.
type MistakesError struct {
	Mistakes []Mistake
	// LogText is what LOG_FORMAT says, or its default.
	LogText bool
}

// Error lists the mistakes, one a line.
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

// mistakes collects the mistakes while the settings are read.
type mistakes []Mistake

func (m *mistakes) add(name, from, wrong, right string) {
	*m = append(*m, Mistake{Setting: prefix + name, From: from, Wrong: wrong, Right: right})
}

// joinWords joins words as in a sentence: a, b and c.
func joinWords(words []string) string {
	last := len(words) - 1
	if last <= 0 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// nearest guesses which name was meant: one with a word more or less at its end (BRAND, REDIS_URL), or the one with the
// smallest edit distance, if that is small for the length of the name.
func nearest(typed string, names []string) (string, bool) {
	best, smallest := "", len(typed)/3+1
	for _, name := range names {
		if strings.HasPrefix(name, typed+"_") || strings.HasPrefix(typed, name+"_") {
			return name, true
		}
		if distance := editDistance(typed, name); distance < smallest {
			best, smallest = name, distance
		}
	}
	return best, best != ""
}

// editDistance returns the Levenshtein distance: the smallest number of inserted, deleted and replaced bytes between a
// and b.
func editDistance(a, b string) int {
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
