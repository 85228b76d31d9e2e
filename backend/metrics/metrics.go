// Package metrics counts what a server does, in the form that Prometheus reads. It is the only package that knows
// Prometheus: the others have optional func fields, and cli sets them to the methods of [Metrics].
//
// Every label value comes from a closed set, so that no login ID, address, id or other text of a request can become a
// label, and a flood cannot make new series. A value that is not in its set is counted as "other".
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

// namespace begins every name of ours.
const namespace = "aikagi"

// other stands for a label value that is not in its closed set.
const other = "other"

// Metrics are one server's. They are safe for concurrent use.
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
	// A request has 15 s (web's patience).
	requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15}
	// A letter usually takes a second, and a refused one up to a day.
	deliveryBuckets = []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600}
	// A hash takes some 25 ms; an imported one may have a far higher cost.
	hashBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5}
)

// New makes metrics that start at zero, with the collectors of the Go runtime and of the process. The limits are the names
// of all limits on tries.
func New(limits []string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	outcomes, kinds, ends := texts(recovery.Outcomes()), texts(recovery.LetterKinds()), texts(mail.Ends())
	m.requests = m.counter("http_requests_total", "Requests answered, on both listeners, by HTTP status code.",
		label{"method", nil}, label{"route", nil}, label{"code", nil})
	m.requestDurations = m.histogram("http_request_duration_seconds", "How long answers took.", requestBuckets, label{"route", nil})
	m.recoveries = m.counter("recoveries_total", "Asks for recovery resolved, by outcome.", label{"outcome", outcomes})
	m.redemptions = m.counter("redemptions_total", "Temporary passwords entered, by result.",
		label{"result", []string{"redeemed", "wrong", "expired", "used", "guesses"}})
	m.signIns = m.counter("sign_ins_total", "Sign-ins, by result.", label{"result", []string{"signed_in", "rejected", "throttled", "busy"}})
	m.disavowals = m.counter("disavowals_total", "Disavowals pressed, by result.", label{"result", []string{"done", "ended"}})
	m.passwordsSet = m.counter("passwords_set_total", "Member support passwords set, by way.", label{"way", []string{"recovery", "member_page"}})
	m.letters = m.counter("letters_total", "Letters that have ended.", label{"kind", kinds}, label{"state", ends})
	m.deliveries = m.histogram("letter_delivery_seconds", "From the time a letter was due until the mail server accepted it.", deliveryBuckets,
		label{"kind", kinds})
	m.smtpAnswers = m.counter("smtp_answers_total", "What tries to deliver a letter came to, by the mail server's reply code.", label{"code", nil})
	m.limited = m.counter("rate_limited_total", "Tries refused by a limit.", label{"limit", limits})
	m.unknownKeys = m.counter("unknown_keys_total", "Rows that need a key which this server does not have, by what it is needed for.",
		label{"use", texts(recovery.KeyUses())})
	m.hashDurations = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "password_hash_duration_seconds", Help: "How long password hashes took, without their wait.", Buckets: hashBuckets,
	})
	m.registry.MustRegister(m.hashDurations)
	return m
}

// Handler shows the metrics. It reads memory only.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// Build tells which program runs.
func (m *Metrics) Build(version, revision string) {
	labels := prometheus.Labels{"version": version, "revision": revision, "go_version": runtime.Version()}
	m.gauge("build_info", "Always 1; the labels tell which program runs.", labels, func() float64 { return 1 })
}

// Pool shows a pool of database connections.
func (m *Metrics) Pool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// Request counts an answer. The caller answers for method and route: each must be of a closed set.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	m.requests.add(1, method, route, statusCode(status))
	m.requestDurations.observe(took, route)
}

// Redemption counts a temporary password that was entered, SignIn a sign-in, Disavowal a disavowal and PasswordSet a
// password that was set, each by what came of it.
func (m *Metrics) Redemption(result string) { m.redemptions.add(1, result) }

// SignIn is described at Redemption.
func (m *Metrics) SignIn(result string) { m.signIns.add(1, result) }

// Disavowal is described at Redemption.
func (m *Metrics) Disavowal(result string) { m.disavowals.add(1, result) }

// PasswordSet is described at Redemption.
func (m *Metrics) PasswordSet(way string) { m.passwordsSet.add(1, way) }

// Resolved counts asks that got an outcome.
func (m *Metrics) Resolved(outcome recovery.Outcome, asks int) {
	m.recoveries.add(asks, string(outcome))
}

// Dropped counts letters with temporary passwords that the resolver gave up.
func (m *Metrics) Dropped(letters int) {
	m.letters.add(letters, string(recovery.TemporaryPasswordLetter), string(mail.Dropped))
}

// LetterEnded counts a letter that has ended so long after it was due.
func (m *Metrics) LetterEnded(kind recovery.LetterKind, state mail.State, took time.Duration) {
	m.letters.add(1, string(kind), string(state))
	if state == mail.Accepted {
		m.deliveries.observe(took, string(kind))
	}
}

// Answered counts what a try to deliver a letter came to: a reply code, "lost" or "unreachable".
func (m *Metrics) Answered(code string) {
	if !isReplyCode(code) && code != "lost" && code != "unreachable" {
		code = other
	}
	m.smtpAnswers.add(1, code)
}

// Limited counts a try that a limit refused.
func (m *Metrics) Limited(limit string) { m.limited.add(1, limit) }

// UnknownKey counts a row whose key this server does not have.
func (m *Metrics) UnknownKey(use recovery.KeyUse) { m.unknownKeys.add(1, string(use)) }

// Hashed counts a password hash.
func (m *Metrics) Hashed(took time.Duration) { m.hashDurations.Observe(took.Seconds()) }

func statusCode(status int) string {
	if text := http.StatusText(status); text == "" {
		return other
	}
	return strconv.Itoa(status)
}

// isReplyCode says whether a text is a reply code: three digits, 2 to 5 the first of them (RFC 5321, 4.2).
func isReplyCode(text string) bool {
	isDigit := func(b byte) bool { return '0' <= b && b <= '9' }
	return len(text) == 3 && '2' <= text[0] && text[0] <= '5' && isDigit(text[1]) && isDigit(text[2])
}

func texts[text ~string](all []text) []string {
	var plain []string
	for _, one := range all {
		plain = append(plain, string(one))
	}
	return plain
}
