package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func exampleOutcome(median float64) outcome {
	return outcome{
		Day: "2030-01-02", Program: "aikagi 1",
		Rows: []row{{
			Name: "asks accepted", Unit: "/s", Own: summary{median, median - 1, median + 1}, Beside: "a handler", Ceiling: summary{2 * median, 1, 3 * median},
			Ratio: summary{0.5, 0.4, 0.6}, Goal: ratioAtLeast(0.75),
		}},
		Curves: []curve{{Name: "throughput-x", Title: "Asks & <clients>", XLabel: "clients", YLabel: "asks", Lines: []line{
			{"asks", []point{{1, summary{100, 90, 110}}, {64, summary{median, median, median}}}},
		}}},
	}
}

func TestARunOfOnePartKeepsOtherPartsAndWhatIsWrittenByHand(t *testing.T) {
	folder := t.TempDir()
	all := results{Parts: map[string]outcome{"asks/sqlite": exampleOutcome(1111), "asks/mariadb": exampleOutcome(2222)}}
	if err := all.save(folder); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(folder, reportFile)
	first, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(report, append(first, "\n## Reasons\n\nWritten by hand.\n"...), 0o600); err != nil {
		t.Fatal(err)
	}

	kept, err := load(folder)
	if err != nil {
		t.Fatal(err)
	}
	kept.Parts["asks/sqlite"] = exampleOutcome(3333)
	if err := kept.save(folder); err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3,333 /s", "2,222 /s", "Written by hand.", "0.5 (0.4–0.6)", "≥ 0.75", "**no**"} {
		if !strings.Contains(string(second), want) {
			t.Errorf("the report lacks %q:\n%s", want, second)
		}
	}
	if strings.Contains(string(second), "1,111") {
		t.Errorf("the report still holds the replaced value:\n%s", second)
	}
}

func TestAReportWithoutMarkersIsNotOverwritten(t *testing.T) {
	folder := t.TempDir()
	report := filepath.Join(folder, reportFile)
	if err := os.WriteFile(report, []byte("By hand.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (results{}).save(folder); err == nil {
		t.Error("got no error")
	}
	if got, err := os.ReadFile(report); err != nil || string(got) != "By hand.\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAPlotIsWellFormed(t *testing.T) {
	for _, isLog := range []bool{false, true} {
		c := exampleOutcome(5000).Curves[0]
		c.LogY = isLog
		decoder := xml.NewDecoder(strings.NewReader(string(c.svg())))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("logarithmic %t: %v\n%s", isLog, err, c.svg())
			}
		}
		if strings.Contains(string(c.svg()), "NaN") || strings.Contains(string(c.svg()), "Inf") {
			t.Errorf("logarithmic %t: a coordinate is no number:\n%s", isLog, c.svg())
		}
	}
}

func TestAGoalIsMetByTheMedianOfTheRatiosOrOfTheValues(t *testing.T) {
	r := row{Own: summary{Median: 27}, Ratio: summary{Median: 0.8}}
	for g, want := range map[goal]bool{
		ratioAtLeast(0.75): true, ratioAtLeast(0.9): false, ratioAtMost(1.5): true, atMost(26): false, atMost(27): true, atLeast(27): true, atLeast(28): false,
	} {
		r.Goal = g
		if got := r.isMet(); got != want {
			t.Errorf("%+v: got %t, want %t", g, got, want)
		}
	}
}

func TestAGoalOfNoneIsMissedByOne(t *testing.T) {
	r := row{Goal: goal{Of: ofValue}}
	if !r.isMet() {
		t.Error("0 misses the goal")
	}
	r.Own.Median = 1
	if r.isMet() {
		t.Error("1 meets the goal")
	}
}

func TestASummaryHoldsTheMedianAndTheRange(t *testing.T) {
	if got, want := summarise([]float64{5, 1, 9}), (summary{5, 1, 9}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
