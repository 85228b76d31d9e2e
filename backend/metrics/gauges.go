package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// Waiting is how much waits, and since when the oldest does: the zero time when nothing waits.
type Waiting struct {
	Count  int
	Oldest time.Time
}

func (w Waiting) age(now time.Time) float64 {
	if w.Oldest.IsZero() {
		return 0
	}
	return max(0, now.Sub(w.Oldest).Seconds())
}

// Backlog is what the database was last seen to hold. It is safe for concurrent use.
type Backlog struct {
	mu      sync.Mutex
	asks    Waiting
	letters map[recovery.LetterKind]Waiting
}

// Set keeps a new finding.
func (b *Backlog) Set(asks Waiting, letters map[recovery.LetterKind]Waiting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asks, b.letters = asks, letters
}

func (b *Backlog) unresolved() Waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asks
}

func (b *Backlog) waiting(kind recovery.LetterKind) Waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.letters[kind]
}

// Backlog shows what waits, and returns where its owner keeps the findings. Ages grow between two findings.
func (m *Metrics) Backlog(now func() time.Time) *Backlog {
	b := &Backlog{}
	m.gauge("recoveries_unresolved", "Asks that wait to be resolved.", nil, func() float64 { return float64(b.unresolved().Count) })
	m.gauge("recovery_oldest_unresolved_seconds", "Age of the ask that has waited for longest.", nil,
		func() float64 { return b.unresolved().age(now()) })
	for _, kind := range recovery.LetterKinds() {
		labels := prometheus.Labels{"kind": string(kind)}
		m.gauge("letters_waiting", "Letters that wait to be accepted by the mail server.", labels,
			func() float64 { return float64(b.waiting(kind).Count) })
		m.gauge("letter_oldest_waiting_seconds", "Age of the letter that has waited for longest.", labels,
			func() float64 { return b.waiting(kind).age(now()) })
	}
	return b
}

// HashLanes shows how much work waits to be hashed.
func (m *Metrics) HashLanes(waiting func(password.Lane) int) {
	for name, lane := range map[string]password.Lane{"members": password.MemberLane, "sign_ins": password.SignInLane} {
		m.gauge("password_hash_waiting", "Passwords that wait to be hashed.", prometheus.Labels{"lane": name},
			func() float64 { return float64(waiting(lane)) })
	}
}

// Sessions shows how many sessions are open in memory.
func (m *Metrics) Sessions(open func() int) {
	m.gauge("sessions_open", "Sessions that are open in this server's memory.", nil, func() float64 { return float64(open()) })
}

// Dependency shows whether a dependency's last check succeeded.
func (m *Metrics) Dependency(name string, isUp func() bool) {
	m.gauge("dependency_up", "Whether the last check of a dependency succeeded.", prometheus.Labels{"name": name}, func() float64 {
		if isUp() {
			return 1
		}
		return 0
	})
}

// Clock shows how far the database's clock is ahead of this machine's.
func (m *Metrics) Clock(offset func() time.Duration) {
	m.gauge("database_clock_offset_seconds", "How far the database's clock is ahead of this machine's.", nil,
		func() float64 { return offset().Seconds() })
}

// Certificate shows how long the TLS certificate is still valid.
func (m *Metrics) Certificate(remains func() time.Duration) {
	m.gauge("certificate_expires_seconds", "How long the TLS certificate is still valid; negative after its end.", nil,
		func() float64 { return remains().Seconds() })
}
