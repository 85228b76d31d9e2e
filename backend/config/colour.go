package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
)

// Colour is an sRGB colour as #rrggbb, in lower case. Empty: not set.
type Colour string

// Palette is what a brand's colour becomes: shades to act with, in light and in dark.
type Palette struct{ Light, Dark Shades }

// Shades are a colour's uses. Every text in them has a contrast of 7 to 1 at least (WCAG 2.2, 1.4.6): Key, Hover and
// Active on the paper and under On, Key on Pale as well.
type Shades struct{ Key, Hover, Active, Pale, On Colour }

// What lies behind: paper as pages and letters have it in light, and the lighter of theirs in dark.
const (
	white     Colour = "#ffffff"
	black     Colour = "#000000"
	darkPaper Colour = "#1e1e1e"
	darkOn    Colour = "#10131c"
)

// leastContrast is what white text must have on a colour that is given, textContrast what text has on the shades that
// are made of it.
const (
	leastContrast = 4.5
	textContrast  = 7
)

var sixDigits = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// parseColour reads a colour that white text can stand on, for that is what a button is.
func parseColour(text string) (Colour, error) {
	if !sixDigits.MatchString(text) {
		return "", errors.New("is not # and six hexadecimal digits")
	}
	c := Colour(text).mix(black, 0) // in lower case
	if got := contrast(c, white); got < leastContrast {
		return "", fmt.Errorf("is too light: white text on it has a contrast of %.2f to 1, and %.1f is needed", got, leastContrast)
	}
	return c, nil
}

// IsSet says whether there is a colour.
func (c Colour) IsSet() bool { return c != "" }

// Palette makes the shades. The colour must be one that parseColour takes.
func (c Colour) Palette() Palette {
	const step = 0.02
	light := c.toward(black, white)
	pale := 0.92
	for pale < 1 && contrast(light, c.mix(white, pale)) < textContrast {
		pale += step
	}
	dark := c.toward(white, darkPaper)
	tint := 0.12
	for tint > 0 && contrast(dark, darkPaper.mix(dark, tint)) < textContrast {
		tint -= step
	}
	return Palette{
		Light: Shades{
			Key: light, Hover: light.mix(black, 0.25), Active: light.mix(black, 0.5), Pale: c.mix(white, min(pale, 1)), On: white,
		},
		Dark: Shades{
			Key: dark, Hover: dark.mix(white, 0.35), Active: dark.mix(white, 0.65), Pale: darkPaper.mix(dark, max(tint, 0)), On: darkOn,
		},
	}
}

// toward goes as far to another colour as text needs to be read on the paper.
func (c Colour) toward(other, paper Colour) Colour {
	const step = 0.02
	part := 0.0
	for part < 1 && contrast(c.mix(other, part), paper) < textContrast {
		part += step
	}
	return c.mix(other, min(part, 1))
}

// mix goes a part of the way, from 0 to 1, to another colour.
func (c Colour) mix(other Colour, part float64) Colour {
	from, to := c.parts(), other.parts()
	mixed := func(i int) int { return int(math.Round(from[i] + (to[i]-from[i])*part)) }
	return Colour(fmt.Sprintf("#%02x%02x%02x", mixed(0), mixed(1), mixed(2)))
}

// parts are red, green and blue from 0 to 255.
func (c Colour) parts() (parts [3]float64) {
	var red, green, blue uint8
	if _, err := fmt.Sscanf(string(c), "#%02x%02x%02x", &red, &green, &blue); err != nil {
		panic(err) // checked when it was read
	}
	return [3]float64{float64(red), float64(green), float64(blue)}
}

// contrast is that of WCAG 2.2: from 1 to 21.
func contrast(one, other Colour) float64 {
	a, b := one.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

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
