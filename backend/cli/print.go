package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// count returns a number with its noun: 1 fault, 2 faults.
func count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

// linesOf returns the lines of an error's text. It leaves out a line that is the end of an earlier one: several hosts of
// a database, or several connections, may fail for the same reason.
func linesOf(err error) (lines []string) {
	if err == nil {
		return nil
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !slices.ContainsFunc(lines, func(before string) bool { return strings.HasSuffix(before, line) }) {
			lines = append(lines, line)
		}
	}
	return lines
}

// printJSON prints one object, indented, with the characters < > & as they are.
func (p *program) printJSON(object any) error {
	out := json.NewEncoder(p.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(object)
}

// japan is the time zone of the help desk and the members. It has no summer time.
var japan = time.FixedZone("JST", 9*60*60)

// inJapan formats a time as the letters do: in Japan time with its offset (RFC 3339).
func inJapan(t time.Time) string { return t.In(japan).Format(time.RFC3339) }

// parseTime parses a time in RFC 3339, or a date, which means its first moment in Japan.
func parseTime(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, japan); err == nil {
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a time such as 2026-11-27T09:30:00+09:00 nor a date such as 2026-11-27", text)
	}
	return at.UTC(), nil
}

// roughly formats a duration that is only an estimate.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("about %s", count(int(d.Round(time.Minute)/time.Minute), "minute"))
	}
	return fmt.Sprintf("about %.1f hours", d.Hours())
}
