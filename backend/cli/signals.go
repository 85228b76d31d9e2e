package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interrupts returns a context that ends with the first SIGINT or SIGTERM, and one that ends with the second. A third
// signal ends the process at once.
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

// surviveSignals keeps two signals from ending the process: SIGPIPE, sent when the reader of the log is gone, and SIGHUP,
// sent for a reload or when the terminal closes. Each SIGHUP is received from the channel; several that arrive before the
// channel is read count as one.
func surviveSignals() (hangups <-chan os.Signal) {
	signal.Ignore(syscall.SIGPIPE)
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGHUP)
	return received
}
