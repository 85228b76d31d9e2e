package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	barEvery    = 200 * time.Millisecond // how often a terminal's bar is redrawn
	reportEvery = 5 * time.Second        // how often a line is printed elsewhere
	barWidth    = 24
)

// progress prints how much of a long command is done, its rate, and the time left.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	did      string // checked, written
	things   string // lines
	total    int64

	begun, next time.Time
	before      int64 // done by an earlier command
	drawn       bool  // a bar is on the terminal's line
}

// progress returns the progress of a command that begins now. Without a terminal, a command that takes only seconds prints
// nothing.
func (p *program) progress(did, thing string, total int64) *progress {
	g := &progress{
		out: p.stderr, terminal: isTerminal(p.stderr), now: p.now, did: did, things: thing + "s", total: total, begun: p.now(),
	}
	g.next = g.begun.Add(g.every())
	return g
}

// continueAt sets how much an earlier command has done, which does not count for the rate of this one.
func (g *progress) continueAt(done int64) { g.before = done }

func (g *progress) every() time.Duration {
	if g.terminal {
		return barEvery
	}
	return reportEvery
}

// at prints the progress if the last report is old enough.
func (g *progress) at(done int64) {
	now := g.now()
	if now.Before(g.next) {
		return
	}
	g.next = now.Add(g.every())
	done = min(done, g.total)
	report := fmt.Sprintf("%s %d of %d %s", g.did, done, g.total, g.things)
	if taken := now.Sub(g.begun); done > g.before && taken > 0 {
		rate := float64(done-g.before) / taken.Seconds()
		left := time.Duration(float64(g.total-done) / rate * float64(time.Second)).Round(time.Second)
		report += fmt.Sprintf(", %.0f a second, %s left", rate, left)
	}
	if !g.terminal {
		fmt.Fprintln(g.out, report)
		return
	}
	full := int(barWidth * done / max(1, g.total))
	fmt.Fprintf(g.out, "\r\x1b[K[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), report)
	g.drawn = true
}

// clear removes the bar from the terminal's line. Call it before printing anything else, and at the end.
func (g *progress) clear() {
	if g.drawn {
		fmt.Fprintf(g.out, "\r\x1b[K")
		g.drawn = false
	}
}

// besideProgress is the standard error of a command that shows a progress: it clears the bar before each line.
type besideProgress struct {
	progress *progress
	out      io.Writer
}

// Write clears the bar and writes.
func (b besideProgress) Write(text []byte) (int, error) {
	b.progress.clear()
	return b.out.Write(text)
}
