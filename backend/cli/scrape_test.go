package cli

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// operations returns a browser that uses the operations listener.
func (s *site) operations() *browser {
	return &browser{site: &site{t: s.t, base: "http://" + s.server.operations.Addr().String()}}
}

// scrape is one reading of the metrics.
type scrape struct {
	text   string
	types  map[string]string              // by name
	values map[string]float64             // by series, as it is written
	labels map[string]map[string][]string // by name of the metric, then of the label
}

var (
	metricType   = regexp.MustCompile(`(?m)^# TYPE (aikagi_\w+) (\w+)$`)
	metricSeries = regexp.MustCompile(`(?m)^(aikagi_\w+)(?:\{(.*)\})? (\S+)$`)
	metricLabel  = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
	histogramEnd = regexp.MustCompile(`_(bucket|sum|count)$`)
)

func (s *site) scrape() scrape {
	s.t.Helper()
	got := scrape{s.operations().want(200, "GET", "/metrics").body, map[string]string{}, map[string]float64{}, map[string]map[string][]string{}}
	for _, found := range metricType.FindAllStringSubmatch(got.text, -1) {
		got.types[found[1]] = found[2]
		got.labels[found[1]] = map[string][]string{}
	}
	for _, found := range metricSeries.FindAllStringSubmatch(got.text, -1) {
		name := found[1]
		if got.types[name] == "" {
			name = histogramEnd.ReplaceAllString(name, "")
		}
		value, err := strconv.ParseFloat(found[3], 64)
		if err != nil || got.types[name] == "" {
			s.t.Fatalf("%s: %v", found[0], err)
		}
		got.values[strings.TrimSuffix(found[0], " "+found[3])] = value
		for _, label := range metricLabel.FindAllStringSubmatch(found[2], -1) {
			if label[1] != "le" && !slices.Contains(got.labels[name][label[1]], label[2]) {
				got.labels[name][label[1]] = append(got.labels[name][label[1]], label[2])
			}
		}
	}
	return got
}

// wantMetrics waits until the series have the values.
func (s *site) wantMetrics(want map[string]float64) {
	s.t.Helper()
	var got scrape
	isSo := func() bool {
		got = s.scrape()
		for series, value := range want {
			if found, there := got.values[series]; !there || found != value {
				return false
			}
		}
		return true
	}
	defer func() {
		for series, value := range want {
			if found, there := got.values[series]; s.t.Failed() && (!there || found != value) {
				s.t.Logf("%s: got %v, %v; want %v", series, found, there, value)
			}
		}
	}()
	eventually(s.t, "the metrics", isSo)
}
