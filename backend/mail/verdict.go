package mail

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// The bounds of the tries of one letter.
const (
	// firstWait is the wait after the first try. Each wait is twice the one before, up to LongestWait.
	firstWait = 5 * time.Second
	// LongestWait is the longest wait between two tries. No letter is due later than this from now.
	LongestWait = 10 * time.Minute
	// triedFor is how long a refused letter is retried, from the first try in which the mail server answered RCPT or DATA.
	// Earlier tries did not reach the server and refused nothing.
	triedFor = 24 * time.Hour
	// maxLostTries bounds the tries whose answer was lost, because each of them may have reached the member.
	maxLostTries = 3
	// maxFinalRefusals bounds the tries in which the server refused the address for good (5xx). A retry seldom helps, and
	// servers count such tries against the sender.
	maxFinalRefusals = 4
)

// The answers of a try that are not a mail server's own codes. 250 is assumed for every accepted letter.
const (
	answerAccepted    = "250"
	answerLost        = "lost"
	answerUnreachable = "unreachable"
)

// Verdict is the consequence of a try for its letter.
type Verdict struct {
	State  State
	Answer string // the mail server's codes, or "lost" or "unreachable"
	// Unreached is whether the mail server did not answer RCPT. Then nothing counts as a try.
	Unreached bool

	// Of a letter that still waits:

	DueAt      time.Time  // its next try
	AnsweredAt *time.Time // when the mail server answered RCPT or DATA in this try; nil if it did not
	Lost       bool       // the answer was lost after DATA
	Final      bool       // the recipient was refused for good
}

// code returns the answer without the enhanced status code (RFC 3463).
func (v Verdict) code() string {
	code, _, _ := strings.Cut(v.Answer, " ")
	return code
}

// contact returns whether the try has reached the mail server.
func (v Verdict) contact() contact {
	if v.Unreached {
		return unreached
	}
	return reached
}

// judge decides what happens to a letter after a try that ended with sendErr.
func judge(letter Letter, sendErr error, now time.Time) Verdict {
	if sendErr == nil {
		return Verdict{State: Accepted, Answer: answerAccepted}
	}
	v := Verdict{State: Waiting, Answer: answerUnreachable, DueAt: now.Add(backoff(letter.Tries))}
	var away *UnreachedError
	var refused *RefusedError
	var lost *LostError
	switch {
	case errors.As(sendErr, &away):
		// The letter is not due at once. Otherwise one letter that never reaches the server could start one outage after
		// another, while all other letters reach it. But it is due before this server probes again, so that another server,
		// which may reach the mail server, can claim it.
		return Verdict{State: Waiting, Answer: cmp.Or(away.Codes(), answerUnreachable), Unreached: true, DueAt: now.Add(longestProbe - 2*pollInterval)}
	case errors.As(sendErr, &lost):
		v.Answer, v.Lost = answerLost, true
	case errors.As(sendErr, &refused):
		v.Answer, v.Final = refused.Codes(), refused.Recipient && refused.Code >= 500
	}
	v.AnsweredAt = &now
	first := now
	if letter.AnsweredAt != nil {
		first = *letter.AnsweredAt
	}
	if now.Sub(first) >= triedFor || v.Lost && letter.LostTries+1 >= maxLostTries || v.Final && letter.FinalRefusals+1 >= maxFinalRefusals {
		v.State = Failed
	}
	return v
}

// backoff returns the wait after a failed try. It is random within bounds, so that not all letters are retried at the same
// moment when a mail server is back.
func backoff(triesBefore int) time.Duration {
	wait := LongestWait
	if triesBefore < 7 { // 5 s doubled seven times is past ten minutes
		wait = min(wait, firstWait<<triesBefore)
	}
	return wait/2 + rand.N(wait/2) //nolint:gosec // spreads load, keeps no secret
}
