package mail

import (
	"log/slog"
	"time"
)

// How a mail server that no try reaches is probed.
const (
	// firstProbe is the wait before the first probe; each wait is twice the last, up to longestProbe.
	firstProbe   = time.Second
	longestProbe = 5 * time.Second
	// probeHangs is how long a probe may last before another letter probes beside it: a connection that has died without
	// a sign must not hide that the server is back.
	probeHangs = 15 * time.Second
)

// contact is what a try tells about the mail server.
type contact int

const (
	noContact contact = iota // there was no try, because the database could not begin it
	skipped                  // there was no try, because the letter may not go
	unreached                // the server did not answer RCPT
	reached                  // it did
)

// result is the end of a sender's work on a letter.
type result struct {
	letter  Letter
	contact contact
	answer  string // of a try
	err     error
}

// outage is what a Postman knows about a mail server that no try reaches. While it lasts one letter probes, another each
// time; the others wait, neither claimed nor begun.
type outage struct {
	log    *slog.Logger
	lasts  bool
	probe  *time.Timer // fires when the next letter may probe
	due    bool        // it has fired, and no letter has been handed over since
	wait   time.Duration
	turn   int    // counts probes: letters of each priority probe by turns, so that an odd one cannot hold up the others
	prober string // the letter that probed last
	answer string // the last that was logged
}

func newOutage(log *slog.Logger) *outage {
	o := &outage{log: log, probe: time.NewTimer(time.Hour)}
	o.probe.Stop()
	return o
}

// learn takes in a result and says whether the outage begins or ends with it.
func (o *outage) learn(r result) (begins, ends bool) {
	switch {
	case r.contact == reached && o.lasts:
		o.lasts, o.answer = false, ""
		o.probe.Stop()
		o.log.Info("the mail server can be reached again", "answer", r.answer)
		return false, true
	case r.contact == unreached && !o.lasts:
		o.lasts, o.due, o.wait = true, false, firstProbe
		o.probe.Reset(o.wait)
		begins = true
	case r.contact == unreached && r.letter.ID == o.prober:
		o.wait = min(2*o.wait, longestProbe)
		o.probe.Reset(o.wait)
	case r.contact == skipped && r.letter.ID == o.prober:
		o.due = true
	}
	if r.contact == unreached && r.answer != o.answer {
		o.answer = r.answer
		o.log.Error("the mail server cannot be reached; one letter at a time probes, the others wait", "answer", r.answer, "error", r.err)
	}
	return begins, false
}

// begin notes that a letter is about to probe.
func (o *outage) begin(l Letter) {
	o.due, o.prober = false, l.ID
	o.turn++
	o.probe.Reset(probeHangs)
}
