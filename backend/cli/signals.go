package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// interrupts returns a context that ends with the first SIGINT or SIGTERM, and one that ends with the second. A third
// one ends the process at once.
func interrupts() (first, second context.Context, release context.CancelFunc) {
	first, endFirst := context.WithCancel(context.Background())
	second, endSecond := context.WithCancel(context.Background())
	released, release := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for _, end := range []context.CancelFunc{endFirst, endSecond} {
			select {
			case <-signals:
				end()
			case <-released.Done():
				return
			}
		}
	}()
	return first, second, release
}

// surviveSignals keeps the process alive where its surroundings change: without it, a line for a log whose reader has
// gone would end the process (SIGPIPE), and so would the end of a terminal or a reload (SIGHUP). It returns a function
// that logs each SIGHUP, those since the call too.
func surviveSignals() (logHangups func(*slog.Logger)) {
	signal.Ignore(syscall.SIGPIPE)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	return func(log *slog.Logger) {
		go func() {
			for range hangups {
				log.Info("SIGHUP is ignored: settings are read at the start only")
			}
		}()
	}
}
