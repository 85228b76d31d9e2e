package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aikagi/backend/password"
	"aikagi/backend/recovery"
)

// Waiting tells how many rows wait, and since when the oldest of them waits. Oldest is the zero time if none waits.
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

// Backlog holds the last count of what waits in the database. It is safe for concurrent use.
type Backlog struct {
	mu         sync.Mutex
	recoveries Waiting // not resolved yet
	letters    map[recovery.LetterKind]Waiting
}

// Set stores a new count: of the recoveries that are not resolved, and of the letters that are not accepted.
func (b *Backlog) Set(recoveries Waiting, letters map[recovery.LetterKind]Waiting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recoveries, b.letters = recoveries, letters
}

func (b *Backlog) unresolved() Waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.recoveries
}

func (b *Backlog) waiting(kind recovery.LetterKind) Waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.letters[kind]
}

// Backlog adds the gauges of what waits in the database. The caller must update the Backlog that it returns. Ages grow between
// two updates.
func (m *Metrics) Backlog(now func() time.Time) *Backlog {
	b := &Backlog{}
	m.gauge("recoveries_unresolved", "Requests for recovery that wait to be resolved; at most 10000 are counted.", nil, func() float64 { return float64(b.unresolved().Count) })
	m.gauge("recovery_oldest_unresolved_seconds", "Age of the request for recovery that has waited longest.", nil,
		func() float64 { return b.unresolved().age(now()) })
	for _, kind := range recovery.LetterKinds() {
		labels := prometheus.Labels{"kind": string(kind)}
		m.gauge("letters_waiting", "Letters that the mail server has not accepted yet; of each priority at most the 10000 that are due first are counted.", labels,
			func() float64 { return float64(b.waiting(kind).Count) })
		m.gauge("letter_oldest_waiting_seconds", "Age of the letter that has waited longest.", labels,
			func() float64 { return b.waiting(kind).age(now()) })
	}
	return b
}

// HashLanes adds the gauge of passwords that wait to be hashed.
func (m *Metrics) HashLanes(waiting func(password.Lane) int) {
	for name, lane := range map[string]password.Lane{"members": password.MemberLane, "sign_ins": password.SignInLane} {
		m.gauge("password_hash_waiting", "Passwords that wait to be hashed.", prometheus.Labels{"lane": name},
			func() float64 { return float64(waiting(lane)) })
	}
}

// Sessions adds the gauge of open sessions, for sessions in memory.
func (m *Metrics) Sessions(open func() int) {
	m.gauge("sessions_open", "Sessions that are open in this server's memory.", nil, func() float64 { return float64(open()) })
}

// Dependency adds the gauge of a dependency: 1 if its last check succeeded, otherwise 0.
func (m *Metrics) Dependency(name string, isUp func() bool) {
	m.gauge("dependency_up", "Whether the last check of a dependency succeeded.", prometheus.Labels{"name": name}, func() float64 {
		if isUp() {
			return 1
		}
		return 0
	})
}

// Clock adds the gauge of how far the database's clock is ahead of this machine's.
func (m *Metrics) Clock(offset func() time.Duration) {
	m.gauge("database_clock_offset_seconds", "How far the database's clock is ahead of this machine's.", nil,
		func() float64 { return offset().Seconds() })
}

// Certificate adds the gauge of how long the TLS certificate is still valid.
func (m *Metrics) Certificate(remains func() time.Duration) {
	m.gauge("certificate_expires_seconds", "How long the TLS certificate is still valid; negative after its end.", nil,
		func() float64 { return remains().Seconds() })
}
