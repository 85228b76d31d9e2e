package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestAColourIsRefusedUnlessWhiteTextStandsOutOnIt(t *testing.T) {
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

// Whatever colour an operator has, every text that it becomes can be read.
func TestEveryShadeOfEveryColourStandsOut(t *testing.T) {
	taken := 0
	for code := 0; code < 1<<24; code += 4099 { // a prime: it walks through all three parts
		c, err := parseColour(fmt.Sprintf("#%06x", code))
		if err != nil {
			continue
		}
		taken++
		for paper, shades := range map[Colour]Shades{white: c.Palette().Light, darkPaper: c.Palette().Dark} {
			for what, got := range map[string]float64{
				"key on paper": contrast(shades.Key, paper), "hover on paper": contrast(shades.Hover, paper),
				"active on paper": contrast(shades.Active, paper), "key on pale": contrast(shades.Key, shades.Pale),
				"on key": contrast(shades.On, shades.Key), "on hover": contrast(shades.On, shades.Hover),
				"on active": contrast(shades.On, shades.Active),
			} {
				if got < 7 {
					t.Errorf("%s, %s: got a contrast of %.2f, want %.1f at least: %v", c, what, got, 7.0, shades)
				}
			}
		}
	}
	if taken < 1000 {
		t.Errorf("got %d colours, want more to go by", taken)
	}
}
