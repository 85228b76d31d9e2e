// Package metrics has the metrics of a server, in the format of Prometheus. It is the only package that knows Prometheus.
//
// [New] makes a [Metrics], and [Metrics.Handler] serves it at /metrics. There are two kinds of metrics:
//
//   - Counters and histograms. Other packages call optional func fields when something happens, for example web.Counters.
//     Package cli sets these fields to methods such as [Metrics.Request], so that the other packages do not import this one.
//   - Gauges. A method such as [Metrics.HashLanes] takes a func that returns the present value. A scrape calls the func,
//     which must read memory only. What waits in the database is counted in the background and kept in a [Backlog].
//
// Every label value comes from a closed set, so that no login ID, address, id or other text of a request can become a label,
// and a flood cannot make new time series. A value that is not in its set is counted as "other". Where a set is open in
// this package, such as the routes of [Metrics.Request], the caller must pass only known values.
package metrics

import (
	"database/sql"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// namespace is the prefix of every name.
const namespace = "aikagi"

// other replaces a label value that is not in its closed set.
const other = "other"

// Metrics holds the metrics of one server. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests         *counter
	requestDurations *histogram
	recoveries       *counter
	redemptions      *counter
	signIns          *counter
	disavowals       *counter
	passwordsSet     *counter
	letters          *counter
	deliveries       *histogram
	smtpAnswers      *counter
	limited          *counter
	unknownKeys      *counter
	hashDurations    prometheus.Histogram
}

// Bounds of the histograms' buckets, in seconds.
var (
	// A handler has 15 s (handlerTimeout in package web).
	requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}
	// A letter usually takes a second. A letter that the mail server refuses is tried for up to a day.
	deliveryBuckets = []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600}
	// A hash takes about 25 ms. An imported hash may take much longer.
	hashBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5}
)

// New returns metrics that start at zero, and those of the Go runtime and of the process. limits holds the names of all
// throttle limits.
func New(limits []string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	outcomes, kinds, ends := texts(recovery.Outcomes()), texts(recovery.LetterKinds()), texts(mail.Ends())
	m.requests = m.counter("http_requests_total", "Requests answered, on both listeners, by HTTP status code.",
		label{"method", nil}, label{"route", nil}, label{"code", nil})
	m.requestDurations = m.histogram("http_request_duration_seconds", "How long answers took.", requestBuckets, label{"route", nil})
	m.recoveries = m.counter("recoveries_total", "Requests for recovery that were resolved, by outcome.", label{"outcome", outcomes})
	m.redemptions = m.counter("redemptions_total", "Temporary passwords entered, by result.",
		label{"result", []string{"redeemed", "wrong", "expired", "used", "guesses"}})
	m.signIns = m.counter("sign_ins_total", "Sign-ins, by result.", label{"result", []string{"signed_in", "rejected", "throttled", "busy"}})
	m.disavowals = m.counter("disavowals_total", "Disavowals, by result.", label{"result", []string{"done", "ended"}})
	m.passwordsSet = m.counter("passwords_set_total", "Member support passwords set, by way.", label{"way", []string{"recovery", "member_page"}})
	m.letters = m.counter("letters_total", "Letters that have ended, by their last state.", label{"kind", kinds}, label{"state", ends})
	m.deliveries = m.histogram("letter_delivery_seconds", "Time from when a letter was due until the mail server accepted it.", deliveryBuckets,
		label{"kind", kinds})
	m.smtpAnswers = m.counter("smtp_answers_total", "Tries to deliver a letter, by the reply code of the mail server.", label{"code", nil})
	m.limited = m.counter("rate_limited_total", "Tries refused by a limit.", label{"limit", limits})
	m.unknownKeys = m.counter("unknown_keys_total", "Rows that need a key which this server does not have, by the use of the key.",
		label{"use", texts(recovery.KeyUses())})
	m.hashDurations = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "password_hash_duration_seconds", Help: "How long password hashes took, without the wait for a worker.", Buckets: hashBuckets,
	})
	m.registry.MustRegister(m.hashDurations)
	return m
}

// Handler returns the handler of /metrics. It reads memory only.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Build adds the gauge that tells which version of the program runs.
func (m *Metrics) Build(version, revision string) {
	labels := prometheus.Labels{"version": version, "revision": revision, "go_version": runtime.Version()}
	m.gauge("build_info", "Always 1; the labels tell which program runs.", labels, func() float64 { return 1 })
}

// Pool adds the statistics of a pool of database connections.
func (m *Metrics) Pool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// Request counts an answer and its duration. The caller must pass methods and routes of closed sets only.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.add(1, method, route, statusCode(status))
	m.requestDurations.observe(took, route)
}

// Redemption counts a temporary password that was entered. The result is "redeemed", "wrong", or the reason why the recovery
// has ended.
func (m *Metrics) Redemption(result string) { m.redemptions.add(1, result) }

// SignIn counts a sign-in. The result is "signed_in", "rejected", "throttled" or "busy".
func (m *Metrics) SignIn(result string) { m.signIns.add(1, result) }

// Disavowal counts a disavowal. The result is "done" or "ended".
func (m *Metrics) Disavowal(result string) { m.disavowals.add(1, result) }

// PasswordSet counts a password that was set. The way is "recovery" or "member_page".
func (m *Metrics) PasswordSet(way string) { m.passwordsSet.add(1, way) }

// Resolved counts requests for recovery that the resolver has resolved with this outcome.
func (m *Metrics) Resolved(outcome recovery.Outcome, count int) {
	m.recoveries.add(count, string(outcome))
}

// Dropped counts letters with a temporary password that the resolver dropped.
func (m *Metrics) Dropped(count int) {
	m.letters.add(count, string(recovery.TemporaryPasswordLetter), string(mail.Dropped))
}

// LetterEnded counts a letter that has ended. took is the time since it was due.
func (m *Metrics) LetterEnded(kind recovery.LetterKind, state mail.State, took time.Duration) {
	m.letters.add(1, string(kind), string(state))
	if state == mail.Accepted {
		m.deliveries.observe(took, string(kind))
	}
}

// Answered counts a try to deliver a letter: by the reply code of the mail server, "lost" or "unreachable".
func (m *Metrics) Answered(code string) {
	if !isReplyCode(code) && code != "lost" && code != "unreachable" {
		code = other
	}
	m.smtpAnswers.add(1, code)
}

// Limited counts a try that a limit refused.
func (m *Metrics) Limited(limit string) { m.limited.add(1, limit) }

// UnknownKey counts a row that needs a key which this server does not have.
func (m *Metrics) UnknownKey(use recovery.KeyUse) { m.unknownKeys.add(1, string(use)) }

// Hashed counts a password hash and its duration.
func (m *Metrics) Hashed(took time.Duration) { m.hashDurations.Observe(took.Seconds()) }

func statusCode(status int) string {
	if text := http.StatusText(status); text == "" {
		return other
	}
	return strconv.Itoa(status)
}

// isReplyCode reports whether the text is an SMTP reply code: three digits, of which the first is 2 to 5 (RFC 5321, 4.2).
func isReplyCode(text string) bool {
	isDigit := func(b byte) bool { return '0' <= b && b <= '9' }
	return len(text) == 3 && '2' <= text[0] && text[0] <= '5' && isDigit(text[1]) && isDigit(text[2])
}

// texts returns values as strings.
func texts[T ~string](values []T) []string {
	var all []string
	for _, value := range values {
		all = append(all, string(value))
	}
	return all
}
