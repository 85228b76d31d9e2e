package mail

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// minContrast is the contrast that WCAG 2.2 AA requires between text of any size and its background (1.4.3).
const minContrast = 4.5

var colourRules = map[string]*regexp.Regexp{
	"text":       regexp.MustCompile(`(?:^|[ ;])color: (#[0-9a-f]{6})`),
	"background": regexp.MustCompile(`background-color: (#[0-9a-f]{6})`),
}

// colours returns the colours that the rules give to each class.
func colours(css string) map[string]string {
	found := map[string]string{}
	for _, rule := range regexp.MustCompile(`(?m)^(\.[a-z, .]+) \{ (.*) \}$`).FindAllStringSubmatch(css, -1) {
		for selector := range strings.SplitSeq(rule[1], ", ") {
			for what, colour := range colourRules {
				if match := colour.FindStringSubmatch(rule[2]); match != nil {
					found[selector+" "+what] = match[1]
				}
			}
		}
	}
	return found
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		part := float64(value) / 255
		if part > 0.04045 {
			part = math.Pow((part+0.055)/1.055, 2.4)
		} else {
			part /= 12.92
		}
		sum += weight * part
	}
	return sum
}

// operatorColours are the colours that package config derives from #006633.
var operatorColours = &Colours{
	Light: Shades{Key: "#006633", Pale: "#ebf3ef", On: "#ffffff"},
	Dark:  Shades{Key: "#7ab497", Pale: "#29302d", On: "#10131c"},
}

func TestEveryTextStandsOutInLightAndDark(t *testing.T) {
	t.Run("in our colours", func(t *testing.T) { checkContrast(t, htmlSource) })
	t.Run("in an operator's", func(t *testing.T) { checkContrast(t, operatorColours.apply(htmlSource)) })
}

func TestAnOperatorsColoursLeaveNoneOfOurs(t *testing.T) {
	painted := operatorColours.apply(htmlSource)
	own := templateColours
	for ours, theirs := range map[string]string{
		own.Light.Key: operatorColours.Light.Key, own.Light.Pale: operatorColours.Light.Pale,
		own.Dark.Key: operatorColours.Dark.Key, own.Dark.Pale: operatorColours.Dark.Pale, own.Dark.On: operatorColours.Dark.On,
	} {
		if got, want := strings.Count(painted, theirs), strings.Count(htmlSource, ours); got != want || want == 0 || strings.Contains(painted, ours) {
			t.Errorf("got %s %d times, want it for all %d of %s", theirs, got, want, ours)
		}
	}
}

func checkContrast(t *testing.T, source string) {
	t.Helper()
	light, dark, found := strings.Cut(source, "@media (prefers-color-scheme: dark) {")
	if !found {
		t.Fatal("got no dark look")
	}
	inLight, inDark := colours(light), colours(dark)
	for _, pair := range [][2]string{
		{".page text", ".page background"},
		{".page text", ".card background"},
		{".page text", ".facts background"},
		{".brand text", ".card background"},
		{".link text", ".card background"},
		{".secret text", ".code background"},
		{".press text", ".press background"},
		{".press text", ".button background"},
		{".choose text", ".outline background"},
	} {
		for look, of := range map[string]map[string]string{"light": inLight, "dark": inDark} {
			text, behind := of[pair[0]], of[pair[1]]
			if text == "" || behind == "" {
				t.Errorf("%s: got %q on %q for %v, want a colour for both", look, text, behind, pair)
				continue
			}
			one, other := luminance(t, text), luminance(t, behind)
			if got := (max(one, other) + 0.05) / (min(one, other) + 0.05); got < minContrast {
				t.Errorf("%s: got a contrast of %.2f for %v (%s on %s), want %.1f at least", look, got, pair, text, behind, minContrast)
			}
		}
	}
}

// Nothing would check a colour that is missing from the pairs above. The margin has the colour of the page.
func TestNoTextHasAColourThatIsNotCompared(t *testing.T) {
	compared := map[string]bool{}
	for _, class := range []string{".page", ".margin", ".brand", ".link", ".secret", ".press", ".choose"} {
		compared[class+" text"] = true
	}
	for what := range colours(htmlSource) {
		if strings.HasSuffix(what, " text") && !compared[what] {
			t.Errorf("got a colour for %s, want it compared with what lies behind it", what)
		}
	}
}
