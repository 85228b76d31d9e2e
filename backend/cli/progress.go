package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

const (
	// Progress is told so often: a bar is drawn anew on a terminal; elsewhere each report is a line that stays.
	barEvery    = 200 * time.Millisecond
	reportEvery = 5 * time.Second
	barWidth    = 24
)

// progress tells how far a long command is, how fast it goes and how long it will take.
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

// progress begins now. On a terminal the first bar comes soon; elsewhere a command that is done within seconds reports
// nothing.
func (p *program) progress(did, thing string, total int64) *progress {
	file, isFile := p.stderr.(*os.File)
	g := &progress{
		out: p.stderr, terminal: isFile && isatty.IsTerminal(file.Fd()), now: p.now, did: did, things: thing + "s", total: total, begun: p.now(),
	}
	g.next = g.begun.Add(g.every())
	return g
}

// begunAt says that so many things were done by an earlier command: they say nothing about how fast this one is.
func (g *progress) begunAt(done int64) { g.before = done }

func (g *progress) every() time.Duration {
	if g.terminal {
		return barEvery
	}
	return reportEvery
}

// at tells that so many things are done, if it is time to.
func (g *progress) at(done int64) {
	now := g.now()
	if now.Before(g.next) {
		return
	}
	g.next = now.Add(g.every())
	done = min(done, g.total)
	told := fmt.Sprintf("%s %d of %d %s", g.did, done, g.total, g.things)
	if taken := now.Sub(g.begun); done > g.before && taken > 0 {
		rate := float64(done-g.before) / taken.Seconds()
		left := time.Duration(float64(g.total-done) / rate * float64(time.Second)).Round(time.Second)
		told += fmt.Sprintf(", %.0f a second, %s left", rate, left)
	}
	if !g.terminal {
		fmt.Fprintln(g.out, told)
		return
	}
	full := int(barWidth * done / max(1, g.total))
	fmt.Fprintf(g.out, "\r\x1b[K[%s%s] %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), told)
	g.drawn = true
}

// clear takes the bar off the terminal's line: before something else is printed there, and at the end.
func (g *progress) clear() {
	if g.drawn {
		fmt.Fprintf(g.out, "\r\x1b[K")
		g.drawn = false
	}
}
