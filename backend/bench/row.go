package main

import (
	"fmt"
	"strings"
)

// row is one figure of the program beside its ceiling, if it has one.
type row struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Own     summary `json:"own"`
	Beside  string  `json:"beside,omitempty"`
	Ceiling summary `json:"ceiling,omitzero"`
	// Ratio is the own value divided by the ceiling's, of each round.
	Ratio summary `json:"ratio,omitzero"`
	Goal  goal    `json:"goal,omitzero"`
	// Generator is the share of the machine's processor time that the load generator took; 0 when there was none.
	Generator float64 `json:"generator,omitzero"`
}

// goal bounds the ratio, or the value itself.
type goal struct {
	Of    string  `json:"of"` // ofRatio or ofValue; empty: there is no goal
	Least float64 `json:"least,omitzero"`
	Most  float64 `json:"most,omitzero"`
}

const (
	ofRatio = "ratio"
	ofValue = "value"
)

func ratioAtLeast(bound float64) goal { return goal{Of: ofRatio, Least: bound} }
func ratioAtMost(bound float64) goal  { return goal{Of: ofRatio, Most: bound} }
func atLeast(bound float64) goal      { return goal{Of: ofValue, Least: bound} }
func atMost(bound float64) goal       { return goal{Of: ofValue, Most: bound} }

// alone is a figure without a ceiling.
func alone(name, unit string, own *way, g goal) row {
	return row{Name: name, Unit: unit, Own: summarise(own.values), Goal: g, Generator: summarise(own.generator).Median}
}

// compare sets a figure beside its ceiling of the same rounds.
func compare(name, unit string, own, ceiling *way, g goal) row {
	r := alone(name, unit, own, g)
	r.Beside, r.Ceiling = ceiling.name, summarise(ceiling.values)
	r.Ratio = summarise(ratios(own.values, ceiling.values))
	return r
}

// isMet says whether the median reaches the goal.
func (r row) isMet() bool {
	value := r.Own.Median
	if r.Goal.Of == ofRatio {
		value = r.Ratio.Median
	}
	if r.Goal.Least > 0 {
		return value >= r.Goal.Least
	}
	return value <= r.Goal.Most
}

func (r row) verdict() string {
	switch {
	case r.Goal.Of == "":
		return ""
	case r.isMet():
		return "yes"
	default:
		return "**no**"
	}
}

func (g goal) text(unit string) string {
	sign, bound := "≥ ", g.Least
	if g.Least == 0 {
		sign, bound = "≤ ", g.Most
	}
	switch g.Of {
	case ofRatio:
		return sign + digits(bound)
	case ofValue:
		return strings.TrimSpace(sign + digits(bound) + " " + unit)
	default:
		return ""
	}
}

// text is a value with the range of all rounds.
func (s summary) text(unit string) string {
	median := digits(s.Median)
	if unit != "" {
		median += " " + unit
	}
	if s.Min == s.Max {
		return median
	}
	return fmt.Sprintf("%s (%s–%s)", median, digits(s.Min), digits(s.Max))
}

// digits writes three significant digits, and large values whole.
func digits(value float64) string {
	switch {
	case value == 0:
		return "0"
	case value >= 1000:
		whole := fmt.Sprintf("%.0f", value)
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + "," + whole[at:]
		}
		return whole
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return trim(fmt.Sprintf("%.1f", value))
	default:
		return trim(fmt.Sprintf("%.2f", value))
	}
}

func trim(number string) string { return strings.TrimSuffix(strings.TrimRight(number, "0"), ".") }

// String is the row as the terminal shows it.
func (r row) String() string {
	said := fmt.Sprintf("  %-48s %s", r.Name, r.Own.text(r.Unit))
	if r.Beside != "" {
		said += fmt.Sprintf("\n  %48s %s", "beside: "+r.Beside, r.Ceiling.text(r.Unit))
	}
	if r.Ratio.Median > 0 {
		said += ", ratio " + r.Ratio.text("")
	}
	if r.Goal.Of != "" {
		said += fmt.Sprintf("\n  %48s %s: %s", "goal", r.Goal.text(r.Unit), strings.Trim(r.verdict(), "*"))
	}
	if r.Generator > 0 {
		said += fmt.Sprintf("\n  %48s %.0f %% of the processors", "the load generator took", 100*r.Generator)
	}
	return said
}
