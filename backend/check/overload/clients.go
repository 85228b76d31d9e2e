package main

import (
	"iter"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"aikagi/backend/testkit/fleet"
)

// runClients runs a function in many clients at once, each with its own browser, and waits until all have returned.
func (s *server) runClients(count int, run func(browser *fleet.Browser)) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: count}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var running sync.WaitGroup
	for range count {
		running.Go(func() { run(fleet.NewBrowser(s.Base, client)) })
	}
	running.Wait()
}

// numbers are the numbers from 0 to end-1, which several goroutines share: each number is given to one of them.
type numbers struct {
	next atomic.Int64
	end  int
}

// taken yields the numbers that this goroutine takes.
func (n *numbers) taken() iter.Seq[int] {
	return func(yield func(int) bool) {
		for number := int(n.next.Add(1)) - 1; number < n.end; number = int(n.next.Add(1)) - 1 {
			if !yield(number) {
				return
			}
		}
	}
}
