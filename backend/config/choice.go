package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
)

// oneOf returns a parser of two words. The first is true.
func oneOf(yes, no string) func(string) (bool, error) {
	return func(text string) (bool, error) {
		if text != yes && text != no {
			return false, fmt.Errorf("is neither %s nor %s", yes, no)
		}
		return text == yes, nil
	}
}

func parseLogLevel(text string) (slog.Level, error) {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, known := levels[text]
	if !known {
		return 0, errors.New("is none of debug, info, warn, error")
	}
	return level, nil
}

// wholeNumber returns a parser of the whole numbers from least to most.
func wholeNumber[T uint8 | uint32](least, most T) func(string) (T, error) {
	return func(text string) (T, error) {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil || number < uint64(least) || number > uint64(most) {
			return 0, fmt.Errorf("is not a whole number from %d to %d", least, most)
		}
		return T(number), nil
	}
}
