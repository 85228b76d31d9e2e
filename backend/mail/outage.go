package mail

import (
	"log/slog"
	"time"
)

// The times of the probes.
const (
	// firstProbe is the wait before the first probe. Each wait is twice the one before, up to longestProbe.
	firstProbe   = time.Second
	longestProbe = 5 * time.Second
	// probeHangs is how long a probe may last before another letter becomes a probe too. A probe on a dead connection can
	// last for minutes, and the server may be back before.
	probeHangs = 15 * time.Second
)

// contact is whether a try has reached the mail server.
type contact int

const (
	noContact contact = iota // there was no try, because the database could not begin it
	skipped                  // nothing is known: the letter was dropped, left or could not be written, got no connection, or the program stops
	unreached                // the server did not answer RCPT
	reached                  // the server answered RCPT
)

// result is the end of a sender's work on a letter.
type result struct {
	letter  Letter
	contact contact
	answer  string // of a try
	err     error
}

// outage is what a [Postman] knows about a mail server that no try reaches. During an outage the Postman tries one letter
// at a time, the probe. Each probe is a different letter. The other letters wait and are neither claimed nor begun.
type outage struct {
	log      *slog.Logger
	ongoing  bool
	timer    *time.Timer // fires when the next letter may probe
	probeDue bool        // it has fired, and no letter has been chosen as the probe since
	wait     time.Duration
	// probes is the number of probes so far. By it claimProbe alternates between the lanes, so that one bad letter cannot
	// delay all others.
	probes       int
	prober       string // the letter that probed last
	loggedAnswer string
}

func newOutage(log *slog.Logger) *outage {
	o := &outage{log: log, timer: time.NewTimer(time.Hour)}
	o.timer.Stop()
	return o
}

// observe handles a result, and returns whether an outage begins or ends with it.
func (o *outage) observe(r result) (begins, ends bool) {
	switch {
	case r.contact == reached && o.ongoing:
		o.ongoing, o.loggedAnswer = false, ""
		o.timer.Stop()
		o.log.Info("the mail server can be reached again", "answer", r.answer)
		return false, true
	case r.contact == unreached && !o.ongoing:
		o.ongoing, o.probeDue, o.wait = true, false, firstProbe
		o.timer.Reset(o.wait)
		begins = true
	case r.contact == unreached && r.letter.ID == o.prober:
		o.wait = min(2*o.wait, longestProbe)
		o.timer.Reset(o.wait)
	case r.contact == skipped && r.letter.ID == o.prober:
		o.probeDue = true
	}
	if r.contact == unreached && r.answer != o.loggedAnswer {
		o.loggedAnswer = r.answer
		o.log.Error("the mail server cannot be reached; one letter at a time probes, the others wait", "answer", r.answer, "error", r.err)
	}
	return begins, false
}

// startProbe records that a letter is the next probe.
func (o *outage) startProbe(l Letter) {
	o.probeDue, o.prober = false, l.ID
	o.probes++
	o.timer.Reset(probeHangs)
}
