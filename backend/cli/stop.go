package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

const (
	// stopWithin bounds a stop after STOP_DELAY.
	stopWithin = 10 * time.Second
	// closeWithin is the part of it that is reserved for closing the connections, when nothing uses them any longer.
	closeWithin = time.Second
	// requestsFirst is how long the workers go on while requests finish, so that this server, and not the next one, handles
	// what these requests store.
	requestsFirst = time.Second
)

// drain serves for STOP_DELAY while readyz reports that the server is stopping, so that load balancers send new requests
// elsewhere. It returns early when skip ends, or with the error of a server that cannot serve any longer.
func (s *server) drain(skip context.Context) error {
	s.readiness.Stop()
	select {
	case <-time.After(s.settings.StopDelay):
		return nil
	case <-skip.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop ends the requests and the workers concurrently, then closes the connections that they used. The error names what
// did not end in time and was cut off. It also stops a server whose start failed.
func (s *server) stop() error {
	working, cancel := context.WithTimeout(context.Background(), stopWithin-closeWithin)
	defer cancel()
	requestsEnded := make(chan struct{})
	err := endAll(working,
		ending{"the requests", func() error {
			defer close(requestsEnded)
			return s.endRequests(working)
		}},
		ending{"the workers", func() error {
			select {
			case <-requestsEnded:
			case <-time.After(requestsFirst):
			}
			if s.stopWorkers != nil {
				s.stopWorkers()
			}
			s.running.Wait()
			return nil
		}},
	)

	closing, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	var connections []ending
	if s.transport != nil {
		connections = append(connections, ending{"the mail server's connections", s.transport.Close})
	}
	if s.redis != nil {
		connections = append(connections, ending{"the connections to Redis", s.redis.Close})
	}
	if s.store != nil {
		connections = append(connections, ending{"the database's connections", s.store.Close})
	}
	if s.tracer != nil {
		connections = append(connections, ending{"the last traces", func() error { return s.tracer.Close(closing) }})
	}
	return errors.Join(err, endAll(closing, connections...))
}

// endRequests closes the listeners and waits for the requests in progress.
func (s *server) endRequests(ctx context.Context) error {
	if s.readiness != nil {
		s.readiness.Stop()
	}
	endings := make([]ending, len(s.apps))
	for i, app := range s.apps {
		endings[i] = ending{"the requests", func() error { return app.ShutdownWithContext(ctx) }}
	}
	err := endAll(ctx, endings...)
	// An app that was still starting ignores the shutdown. It ends when its listener is closed.
	return errors.Join(err, closeAll(s.public, s.operations, s.plain))
}

// closeAll closes the listeners that were opened.
func closeAll(listeners ...net.Listener) error {
	var failed []error
	for _, listener := range listeners {
		if listener == nil {
			continue
		}
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// errCutOff follows the name of an ending that had not returned at its deadline.
var errCutOff = errors.New("did not end in time and were cut off")

// ending is a call that ends something, with a name for errors.
type ending struct {
	name string
	end  func() error
}

// endAll makes all calls concurrently and waits for them until ctx ends. It returns the errors, and names the calls that
// had not returned by then.
func endAll(ctx context.Context, endings ...ending) error {
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
