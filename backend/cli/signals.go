package cli

import (
	"context"
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
// gone would end the process (SIGPIPE), and so would the end of a terminal or a reload (SIGHUP). Each SIGHUP comes over
// the channel; several that nobody has received yet are one.
func surviveSignals() (hangups <-chan os.Signal) {
	signal.Ignore(syscall.SIGPIPE)
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGHUP)
	return received
}
