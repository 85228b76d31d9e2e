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

// times are durations of the same call. They are safe for concurrent use.
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

// quantile gives the duration that a share of them does not exceed; 0 without durations.
func (t *times) quantile(share float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(t.all))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func (t *times) longest() time.Duration { return t.quantile(1) }

// String gives the median, the 99th percentile, the maximum and the count.
func (t *times) String() string {
	return fmt.Sprintf("%8.0f ms p50 %8.0f ms p99 %8.0f ms max  (%d)", ms(t.quantile(0.5)), ms(t.quantile(0.99)), ms(t.longest()), t.count())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// tally counts answers by their names. It is safe for concurrent use.
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

// others counts the answers with other names.
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

// answerName is the name under which a tally counts an answer: status and code, and whether a Retry-After is missing.
func answerName(answer fleet.Answer, err error) string {
	if err != nil {
		return "no answer"
	}
	name := strings.TrimSpace(strconv.Itoa(answer.Status) + " " + answer.Text("code"))
	if mayRetry := answer.Status == 429 || answer.Status == 503; mayRetry && answer.Header.Get("Retry-After") == "" {
		name += " without Retry-After"
	}
	return name
}

// cpuTime is the processor time that a process has used, in user and in kernel mode.
func cpuTime(p *fleet.Process) time.Duration {
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

// openFiles is the number of files that a process has open, connections included.
func openFiles(p *fleet.Process) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.ID()))
	return len(entries)
}

// percentOfCore gives the share of one core that a process used between two readings of cpuTime.
func percentOfCore(used, passed time.Duration) float64 {
	return 100 * used.Seconds() / passed.Seconds()
}
