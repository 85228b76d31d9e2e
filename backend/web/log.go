package web

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// sampleInterval is the time in which refusals of one kind share a line in the log.
const sampleInterval = time.Second

// logEntry holds what a line of the log needs and Fiber's context does not hold.
type logEntry struct {
	id      string
	took    time.Duration
	problem *problem // nil if the request succeeded
	cause   error    // of the problem
}

// logRequest writes at most one line for a request. The line holds the label of the route instead of the path, because the
// id of a recovery is secret. It holds no mail address and no body. The client is the name under which the limits count it.
//
// Refusals and unavailable dependencies are sampled, so that a flood does not fill the disk. An internal error is always
// written, because its answer holds the id of the line.
func (a *listenerApp) logRequest(c *fiber.Ctx, entry logEntry) {
	k := answerKind{method: methodOf(c), route: routeOf(c), status: c.Response().StatusCode()}
	if entry.problem != nil {
		k.code = entry.problem.Code
	}
	level, message := levelOf(k, entry.problem)
	var more []slog.Attr
	if level == slog.LevelError {
		more = append(more, slog.Any("error", entry.cause))
	}
	if k.code != "" && k.code != codeInternal && level != slog.LevelDebug {
		if !a.sampler.isFirst(k, level, message) {
			return
		}
		more = append(more, slog.Int("count", 1))
	}
	if !a.Log.Enabled(c.UserContext(), level) {
		return
	}
	line := append([]slog.Attr{slog.String("request_id", entry.id)}, k.attributes()...)
	line = append(line, milliseconds(entry.took), slog.String("client", a.clientOf(c)))
	a.Log.LogAttrs(c.UserContext(), level, message, append(line, more...)...)
}

// levelOf returns the level and the message of the line. p is nil if the request succeeded. The level is debug for reads of
// pages and files that succeed, and for readiness probes: [Readiness] logs its changes itself.
func levelOf(k answerKind, p *problem) (level slog.Level, message string) {
	isRead := k.status < fiber.StatusBadRequest && !strings.HasPrefix(k.route, "/api/")
	switch {
	case p != nil && p.isFault():
		return slog.LevelError, "request failed"
	case isRead, k.route == readyzPath:
		return slog.LevelDebug, "request"
	}
	return slog.LevelInfo, "request"
}

// milliseconds returns the attribute took_ms, in the precision of microseconds.
func milliseconds(took time.Duration) slog.Attr {
	return slog.Float64("took_ms", float64(took.Microseconds())/1000)
}

// answerKind is what the answers that share a line of the log have in common. Every value comes from a closed set.
type answerKind struct {
	method, route string
	status        int
	code          string // of the problem; empty for a success
}

func (k answerKind) attributes() []slog.Attr {
	all := []slog.Attr{slog.String("method", k.method), slog.String("route", k.route), slog.Int("status", k.status)}
	if k.code != "" {
		all = append(all, slog.String("code", k.code))
	}
	return all
}

// sampler limits the log to one line a second for each kind of answer. The caller writes the first line in full. The sampler
// counts the answers that follow, and writes their number once a second.
type sampler struct {
	log *slog.Logger

	mu sync.Mutex
	// counts holds the kinds of the last second, and the number of answers since the last line.
	counts map[answerKind]int
}

// isFirst reports whether the last second had no other answer of this kind. Otherwise it counts the answer.
func (s *sampler) isFirst(k answerKind, level slog.Level, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = make(map[answerKind]int)
	}
	if _, known := s.counts[k]; known {
		s.counts[k]++
		return false
	}
	s.counts[k] = 0
	time.AfterFunc(sampleInterval, func() { s.writeCount(k, level, message) })
	return true
}

// writeCount writes how many answers of this kind the last second had. If there were none, it forgets the kind.
func (s *sampler) writeCount(k answerKind, level slog.Level, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := s.counts[k]
	if count == 0 {
		delete(s.counts, k)
		return
	}
	s.counts[k] = 0
	time.AfterFunc(sampleInterval, func() { s.writeCount(k, level, message) })
	s.log.LogAttrs(context.Background(), level, message, append(k.attributes(), slog.Int("count", count))...)
}
