package metrics

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// label is a label and its closed set of values. If values is nil, the method that counts or its caller checks the value.
type label struct {
	name   string
	values []string
}

// known returns the value if it is in the closed set, and "other" if not.
func (l label) known(value string) string {
	if l.values == nil || slices.Contains(l.values, value) {
		return value
	}
	return other
}

type labels []label

func (all labels) names() []string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.name
	}
	return names
}

func (all labels) known(values []string) []string {
	known := make([]string, len(values))
	for i, value := range values {
		known[i] = all[i].known(value)
	}
	return known
}

// counter is a counter with labels.
type counter struct {
	labels
	vector *prometheus.CounterVec
}

// counter registers a counter. If it has one or two labels with closed sets, all its time series exist from the start with the
// value 0, so that an alert on an increase sees the first event.
func (m *Metrics) counter(name, help string, all ...label) *counter {
	c := &counter{all, prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels(all).names())}
	m.registry.MustRegister(c.vector)
	if len(all) > 2 {
		return c
	}
	for _, first := range all[0].values {
		if len(all) == 1 {
			c.vector.WithLabelValues(first)
			continue
		}
		for _, second := range all[1].values {
			c.vector.WithLabelValues(first, second)
		}
	}
	return c
}

func (c *counter) add(count int, values ...string) {
	c.vector.WithLabelValues(c.known(values)...).Add(float64(count))
}

// histogram is a histogram of seconds with labels.
type histogram struct {
	labels
	vector *prometheus.HistogramVec
}

// histogram registers a histogram of seconds.
func (m *Metrics) histogram(name, help string, buckets []float64, all ...label) *histogram {
	options := prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}
	h := &histogram{all, prometheus.NewHistogramVec(options, labels(all).names())}
	m.registry.MustRegister(h.vector)
	return h
}

// observe counts a duration. A negative one counts as 0: the clock was set back meanwhile.
func (h *histogram) observe(took time.Duration, values ...string) {
	h.vector.WithLabelValues(h.known(values)...).Observe(max(0, took.Seconds()))
}

// gauge registers a gauge whose value is what read returns at each scrape. read must use memory only.
func (m *Metrics) gauge(name, help string, constant prometheus.Labels, read func() float64) {
	options := prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: constant}
	m.registry.MustRegister(prometheus.NewGaugeFunc(options, read))
}
