package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
)

// Colour is an sRGB colour as #rrggbb in lower case. It is empty if it is not set.
type Colour string

// Palette holds the shades that are made from the brand's colour, for the light and the dark scheme.
type Palette struct{ Light, Dark Shades }

// Shades are the colours of one scheme. Every text in them has a contrast of at least 7 to 1 (WCAG 2.2, 1.4.6): text in
// Key, Hover or Active on the background, text in On on these three, and text in Key on Pale.
type Shades struct{ Key, Hover, Active, Pale, On Colour }

// The fixed colours. The background is white in the light scheme. In the dark scheme pages and letters differ;
// darkBackground is the lighter of the two.
const (
	white          Colour = "#ffffff"
	black          Colour = "#000000"
	darkBackground Colour = "#1e1e1e"
	darkOn         Colour = "#10131c"
)

const (
	// leastContrast is the contrast that white text must have on the brand's colour.
	leastContrast = 4.5
	// textContrast is the contrast of text on the shades.
	textContrast = 7
)

var sixDigits = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// parseColour reads a colour that is dark enough for white text, because buttons have white text.
func parseColour(text string) (Colour, error) {
	if !sixDigits.MatchString(text) {
		return "", errors.New("is not # and six hexadecimal digits")
	}
	c := Colour(text).mix(black, 0) // mix writes it in lower case
	if got := contrast(c, white); got < leastContrast {
		return "", fmt.Errorf("is too light: white text on it has a contrast of %.2f to 1, and %.1f is needed", got, leastContrast)
	}
	return c, nil
}

// IsSet reports whether the colour is set.
func (c Colour) IsSet() bool { return c != "" }

// Palette makes the shades. The colour must be one that parseColour accepts.
func (c Colour) Palette() Palette {
	const step = 0.02
	light := c.toward(black, white)
	pale := 0.92
	for pale < 1 && contrast(light, c.mix(white, pale)) < textContrast {
		pale += step
	}
	dark := c.toward(white, darkBackground)
	tint := 0.12
	for tint > 0 && contrast(dark, darkBackground.mix(dark, tint)) < textContrast {
		tint -= step
	}
	return Palette{
		Light: Shades{
			Key: light, Hover: light.mix(black, 0.25), Active: light.mix(black, 0.5), Pale: c.mix(white, min(pale, 1)), On: white,
		},
		Dark: Shades{
			Key: dark, Hover: dark.mix(white, 0.35), Active: dark.mix(white, 0.65), Pale: darkBackground.mix(dark, max(tint, 0)), On: darkOn,
		},
	}
}

// toward mixes in as much of another colour as text in this colour needs for textContrast on the background.
func (c Colour) toward(other, background Colour) Colour {
	const step = 0.02
	part := 0.0
	for part < 1 && contrast(c.mix(other, part), background) < textContrast {
		part += step
	}
	return c.mix(other, min(part, 1))
}

// mix returns a mixture with another colour, of which it has the given part, from 0 to 1.
func (c Colour) mix(other Colour, part float64) Colour {
	from, to := c.parts(), other.parts()
	mixed := func(i int) int { return int(math.Round(from[i] + (to[i]-from[i])*part)) }
	return Colour(fmt.Sprintf("#%02x%02x%02x", mixed(0), mixed(1), mixed(2)))
}

// parts returns red, green and blue from 0 to 255.
func (c Colour) parts() (parts [3]float64) {
	var red, green, blue uint8
	if _, err := fmt.Sscanf(string(c), "#%02x%02x%02x", &red, &green, &blue); err != nil {
		panic(err) // impossible: parseColour has checked the text
	}
	return [3]float64{float64(red), float64(green), float64(blue)}
}

// contrast returns the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(one, other Colour) float64 {
	a, b := one.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// luminance returns the relative luminance of WCAG 2.2, from 0 to 1.
func (c Colour) luminance() float64 {
	parts := c.parts()
	linear := func(i int) float64 {
		value := parts[i] / 255
		if value <= 0.04045 {
			return value / 12.92
		}
		return math.Pow((value+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(0) + 0.7152*linear(1) + 0.0722*linear(2)
}
