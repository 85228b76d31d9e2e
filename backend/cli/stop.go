package cli

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A stop, after the delay of the settings, takes at most stopWithin. All that ends shares it.
const (
	stopWithin = 10 * time.Second
	// closeWithin is the part of it that is left for closing connections, once nothing uses them.
	closeWithin = time.Second
	// requestsFirst is how long the workers go on for requests that still come to their end: what these ask for is then
	// begun here, and not by the next server.
	requestsFirst = time.Second
)

// drain serves on for the delay of the settings: load balancers see that the server is unready, and take new requests
// elsewhere. It ends early when hurry ends, or when the server cannot serve on.
func (s *server) drain(hurry context.Context) error {
	s.readiness.Stop()
	select {
	case <-time.After(s.settings.StopDelay):
		return nil
	case <-hurry.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop ends requests and workers side by side, then closes what they used. What does not end in time is cut off and
// named in the error. It can be called on a server that was started only in part.
func (s *server) stop() error {
	working, cancel := context.WithTimeout(context.Background(), stopWithin-closeWithin)
	defer cancel()
	requestsEnded := make(chan struct{})
	err := together(working,
		ending{"the requests", func() error {
			defer close(requestsEnded)
			return s.endRequests(working)
		}},
		ending{"the workers", func() error {
			select {
			case <-requestsEnded:
			case <-time.After(requestsFirst):
			}
			if s.endWork != nil {
				s.endWork()
			}
			s.work.Wait()
			return nil
		}},
	)

	closing, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	var closers []ending
	if s.transport != nil {
		closers = append(closers, ending{"the mail server's connections", s.transport.Close})
	}
	if s.redis != nil {
		closers = append(closers, ending{"the connections to Redis", s.redis.Close})
	}
	if s.store != nil {
		closers = append(closers, ending{"the database's connections", s.store.Close})
	}
	if s.tracer != nil {
		closers = append(closers, ending{"the last traces", func() error { return s.tracer.Close(closing) }})
	}
	return errors.Join(err, together(closing, closers...))
}

// endRequests closes the listeners and waits for the requests under way.
func (s *server) endRequests(ctx context.Context) error {
	if s.readiness != nil {
		s.readiness.Stop()
	}
	endings := make([]ending, len(s.apps))
	for i, app := range s.apps {
		endings[i] = ending{"the requests", func() error { return app.ShutdownWithContext(ctx) }}
	}
	err := together(ctx, endings...)
	// An app that was still starting does not learn of the shutdown; it ends when its listener is closed.
	return errors.Join(err, closeAll(s.public, s.operations, s.plain))
}

// errCutOff follows the name of what was still running when its time was over.
var errCutOff = errors.New("did not end in time and were cut off")

// ending is something that has to end, by its name in the log.
type ending struct {
	name string
	end  func() error
}

// together ends all side by side and waits until ctx ends. It returns what failed, and what had not ended by then.
func together(ctx context.Context, endings ...ending) error {
	results := make([]chan error, len(endings))
	for i, e := range endings {
		results[i] = make(chan error, 1)
		go func() { results[i] <- e.end() }()
	}
	var failed []error
	for i, e := range endings {
		select {
		case err := <-results[i]:
			if err != nil {
				failed = append(failed, fmt.Errorf("end %s: %w", e.name, err))
			}
		case <-ctx.Done():
			failed = append(failed, fmt.Errorf("%s %w", e.name, errCutOff))
		}
	}
	return errors.Join(failed...)
}
