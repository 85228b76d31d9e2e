package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestAColourIsRefusedUnlessWhiteTextOnItHasContrast(t *testing.T) {
	for text, want := range map[string]string{
		"blue":     "six hexadecimal digits",
		"#01c":     "six hexadecimal digits",
		"0017c1":   "six hexadecimal digits",
		"#0017c1 ": "six hexadecimal digits",
		"#00000g":  "six hexadecimal digits",
		"#ffffff":  "contrast of 1.00 to 1, and 4.5",
		"#ff8800":  "too light",
		"#777777":  "contrast of 4.48 to 1",
	} {
		if _, err := parseColour(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]Colour{"#0017C1": "#0017c1", "#767676": "#767676", "#000000": "#000000"} {
		if got, err := parseColour(text); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

// Every accepted colour gives shades on which text can be read.
func TestEveryShadeOfEveryColourHasContrast(t *testing.T) {
	accepted := 0
	for code := 0; code < 1<<24; code += 4099 { // a prime, so that red, green and blue all vary
		c, err := parseColour(fmt.Sprintf("#%06x", code))
		if err != nil {
			continue
		}
		accepted++
		for background, shades := range map[Colour]Shades{white: c.Palette().Light, darkBackground: c.Palette().Dark} {
			for what, got := range map[string]float64{
				"key on background": contrast(shades.Key, background), "hover on background": contrast(shades.Hover, background),
				"active on background": contrast(shades.Active, background), "key on pale": contrast(shades.Key, shades.Pale),
				"on key": contrast(shades.On, shades.Key), "on hover": contrast(shades.On, shades.Hover),
				"on active": contrast(shades.On, shades.Active),
			} {
				if got < 7 {
					t.Errorf("%s, %s: got a contrast of %.2f, want at least %.1f: %v", c, what, got, 7.0, shades)
				}
			}
		}
	}
	if accepted < 1000 {
		t.Errorf("got %d colours, want at least 1000", accepted)
	}
}
