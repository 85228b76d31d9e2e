package throttle

import (
	"sync"
	"time"
)

// memory counts for one server. An entry whose time has come says the same as none, so it can go: flooding with
// other names evicts nobody's count (CVE-2024-21662).
type memory struct {
	mu      sync.Mutex
	due     map[string]time.Time
	sweptAt time.Time
}

// sweepEvery bounds how long entries that say nothing any more take up memory.
const sweepEvery = 10 * time.Second

func (m *memory) take(limit Limit, key string, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(now)
	due, wait := limit.next(m.due[key], now)
	m.due[key] = due
	return wait
}

func (m *memory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.due, key)
}

func (m *memory) sweep(now time.Time) {
	if m.due == nil {
		m.due = make(map[string]time.Time)
	}
	if now.Sub(m.sweptAt) < sweepEvery {
		return
	}
	m.sweptAt = now
	for key, due := range m.due {
		if !due.After(now) {
			delete(m.due, key)
		}
	}
}
