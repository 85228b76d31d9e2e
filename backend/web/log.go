package web

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// sampleEvery is how often refusals of one kind are a line in the log.
const sampleEvery = time.Second

// entry is what one line of the log tells of a request, beside what its context holds.
type entry struct {
	id      string
	took    time.Duration
	refused *problem // nil when the call went well
	cause   error    // of a fault
}

// record writes at most one line for a request: the route's pattern, never the path (a recovery's id is a secret of a
// kind), no mail address, no body; the client is the address as limits see it. What went well and changes nothing is of
// interest when debugging only; so are probes, whose every change [Readiness] logs. Of refusals, and of requests that failed
// because a dependency is away, one line a second is written for each kind. An internal fault is always written: its answer
// names the line.
func (d *endpoint) record(c *fiber.Ctx, e entry) {
	k := kind{method: c.Method(), route: routeOf(c), status: c.Response().StatusCode()}
	level, message := slog.LevelInfo, "request"
	if k.route == readyzPath || k.status < fiber.StatusBadRequest && !strings.HasPrefix(k.route, "/api/") {
		level = slog.LevelDebug
	}
	var more []slog.Attr
	if e.refused != nil {
		k.code = e.refused.Code
		if e.refused.isFault() {
			level, message = slog.LevelError, "request failed"
			more = append(more, slog.Any("error", e.cause))
		}
	}
	if k.code != "" && k.code != codeInternal && level != slog.LevelDebug {
		if !d.sampler.isFirst(k, level, message) {
			return
		}
		more = append(more, slog.Int("count", 1))
	}
	if !d.Log.Enabled(c.UserContext(), level) {
		return
	}
	line := append([]slog.Attr{slog.String("request_id", e.id)}, k.attributes()...)
	line = append(line, milliseconds(e.took), slog.String("client", d.clientOf(c)))
	d.Log.LogAttrs(c.UserContext(), level, message, append(line, more...)...)
}

// milliseconds is a duration with its unit in the name, to the microsecond.
func milliseconds(took time.Duration) slog.Attr {
	return slog.Float64("took_ms", float64(took.Microseconds())/1000)
}

// kind is what refusals have in common that one line tells of. All of it is from closed sets.
type kind struct {
	method, route string
	status        int
	code          string
}

func (k kind) attributes() []slog.Attr {
	all := []slog.Attr{slog.String("method", k.method), slog.String("route", k.route), slog.Int("status", k.status)}
	if k.code != "" {
		all = append(all, slog.String("code", k.code))
	}
	return all
}

// sampler writes one line a second for each kind, so that a flood fills no disk. The first is written in full; those that
// follow within a second are one line with their count.
type sampler struct {
	log *slog.Logger

	mu sync.Mutex
	// counts holds the kinds of the last second, with how many there were since their line.
	counts map[kind]int
}

// isFirst says whether a refusal is the first of its kind in this second; else it counts it.
func (s *sampler) isFirst(k kind, level slog.Level, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = make(map[kind]int)
	}
	if _, follows := s.counts[k]; follows {
		s.counts[k]++
		return false
	}
	s.counts[k] = 0
	time.AfterFunc(sampleEvery, func() { s.tell(k, level, message) })
	return true
}

// tell writes the line of the second that is over. A kind of which there were no more begins anew.
func (s *sampler) tell(k kind, level slog.Level, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := s.counts[k]
	if count == 0 {
		delete(s.counts, k)
		return
	}
	s.counts[k] = 0
	time.AfterFunc(sampleEvery, func() { s.tell(k, level, message) })
	s.log.LogAttrs(context.Background(), level, message, append(k.attributes(), slog.Int("count", count))...)
}
