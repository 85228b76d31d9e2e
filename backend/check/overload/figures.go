package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aikagi/backend/testkit/fleet"
)

// times are how long one thing took, each time. They are safe for concurrent use.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

func (t *times) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// at gives the value below which a share of them lie, 0 when there are none.
func (t *times) at(share float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t.all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func (t *times) longest() time.Duration { return t.at(1) }

// String is the median, the 99th of a hundred and the longest.
func (t *times) String() string {
	return fmt.Sprintf("%8.0f ms p50 %8.0f ms p99 %8.0f ms max  (%d)", ms(t.at(0.5)), ms(t.at(0.99)), ms(t.longest()), t.count())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// tally counts answers by what they were. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = make(map[string]int)
	}
	t.counts[what]++
}

func (t *tally) of(what string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[what]
}

// others counts what is none of these.
func (t *tally) others(known ...string) (count int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for what, times := range t.counts {
		if !slices.Contains(known, what) {
			count += times
		}
	}
	return count
}

func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var said []string
	for what, times := range t.counts {
		said = append(said, fmt.Sprintf("%s: %d", what, times))
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

// nameOf is an answer as tallies count it. A refusal that may help later has to say when.
func nameOf(answer fleet.Answer, err error) string {
	if err != nil {
		return "no answer"
	}
	name := strings.TrimSpace(strconv.Itoa(answer.Status) + " " + answer.Text("code"))
	if later := answer.Status == 429 || answer.Status == 503; later && answer.Header.Get("Retry-After") == "" {
		name += " without Retry-After"
	}
	return name
}

// cpu is how much of the processors a process has used in all, in the kernel and outside.
func cpu(p *fleet.Process) time.Duration {
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.ID()))
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// files is how many files, connections among them, a process holds open.
func files(p *fleet.Process) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.ID()))
	return len(entries)
}

// share says how much of one core a process used, from one reading of cpu to the next.
func share(used, passed time.Duration) float64 { return 100 * used.Seconds() / passed.Seconds() }
