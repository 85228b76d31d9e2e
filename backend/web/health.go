package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Part is something that the server stands on.
type Part struct {
	Name string
	// Needed says that the server is not ready without it. Members can still do something without the others.
	Needed bool
	Check  func(context.Context) error
}

// How readiness is found out: each part within checkTime, and not anew while the last finding is fresh, so that
// strangers who ask often cost the database nothing.
const (
	checkTime      = 3 * time.Second
	readinessFresh = time.Second
)

// readiness is what was found last.
type readiness struct {
	mu      sync.Mutex
	at      time.Time
	ready   bool
	missing []string
}

// readinessBody is what operators see.
type readinessBody struct {
	Ready   bool     `json:"ready"`
	Missing []string `json:"missing"`
}

func (*Server) getLiveness(c *fiber.Ctx, _ fields) error { return plainText(c, fiber.StatusOK, "ok\n") }

// getReadiness tells browsers and balancers no more than yes or no (ASVS 13.4.5).
func (s *Server) getReadiness(c *fiber.Ctx, _ fields) error {
	if ready, _ := s.checkParts(c.UserContext()); !ready {
		return plainText(c, fiber.StatusServiceUnavailable, "not ready\n")
	}
	return plainText(c, fiber.StatusOK, "ok\n")
}

func (s *Server) getReadinessInDetail(c *fiber.Ctx, _ fields) error {
	ready, missing := s.checkParts(c.UserContext())
	if !ready {
		c.Status(fiber.StatusServiceUnavailable)
	}
	return c.JSON(readinessBody{ready, missing})
}

// checkParts asks all parts at once whether they can be reached. Why one cannot is logged.
func (s *Server) checkParts(ctx context.Context) (ready bool, missing []string) {
	found := &s.readiness
	found.mu.Lock()
	defer found.mu.Unlock()
	if now := s.Now(); found.at.IsZero() || now.Sub(found.at) >= readinessFresh {
		found.ready, found.missing = s.askParts(ctx)
		found.at = now
	}
	return found.ready, slices.Clone(found.missing)
}

func (s *Server) askParts(ctx context.Context) (ready bool, missing []string) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	faults := make([]error, len(s.Parts))
	var asking sync.WaitGroup
	for i, part := range s.Parts {
		asking.Go(func() { faults[i] = part.Check(ctx) })
	}
	asking.Wait()

	ready, missing = true, []string{}
	for i, part := range s.Parts {
		if faults[i] == nil {
			continue
		}
		s.Log.WarnContext(ctx, "a part is missing", "part", part.Name, "needed", part.Needed, "error", faults[i])
		missing = append(missing, part.Name)
		ready = ready && !part.Needed
	}
	return ready, missing
}

func plainText(c *fiber.Ctx, status int, text string) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.Status(status).SendString(text)
}
