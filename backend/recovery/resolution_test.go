package recovery

import (
	"testing"
	"time"
)

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
