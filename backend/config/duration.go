package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// durationBetween returns a parser of durations from least to most, such as 90s, 60m, 12h, 400d or 1d12h. A 0 needs no
// unit.
func durationBetween(least, most time.Duration) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		if number, err := strconv.ParseFloat(text, 64); err == nil && number != 0 {
			return 0, errors.New("has no unit (s, m, h or d)")
		}
		duration, err := parseDuration(text)
		if err != nil {
			return 0, err
		}
		if duration < least || duration > most {
			return 0, fmt.Errorf("is not between %s and %s", formatDuration(least), formatDuration(most))
		}
		return duration, nil
	}
}

func parseDuration(text string) (time.Duration, error) {
	wrong := errors.New("is not a duration (a number and s, m, h or d)")
	var days time.Duration
	if count, rest, hasDays := strings.Cut(text, "d"); hasDays {
		number, err := strconv.ParseUint(count, 10, 16) // 16 bits of days cannot overflow a Duration
		if err != nil {
			return 0, wrong
		}
		if days = time.Duration(number) * day; rest == "" {
			return days, nil
		}
		text = rest
	}
	rest, err := time.ParseDuration(text)
	if err != nil || rest > math.MaxInt64-days {
		return 0, wrong
	}
	return days + rest, nil
}

// formatDuration writes days and hours in the form of the settings: 3d, 12h.
func formatDuration(duration time.Duration) string {
	switch {
	case duration == 0:
		return "0"
	case duration > day && duration%day == 0:
		return fmt.Sprintf("%dd", duration/day)
	case duration%time.Hour == 0:
		return fmt.Sprintf("%dh", duration/time.Hour)
	}
	return duration.String()
}
