package mail

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// Tries of one letter.
const (
	// firstWait is what a letter waits after its first refused try; each wait is twice the last, up to LongestWait.
	firstWait = 5 * time.Second
	// LongestWait is also the furthest ahead that any letter is due.
	LongestWait = 10 * time.Minute
	// triedFor is how long a refused letter is tried, counted from the first try in which the mail server answered RCPT
	// or DATA: a letter that could not reach the server has not been refused yet.
	triedFor = 24 * time.Hour
	// maxLostTries is one try and two more: each may have reached the member.
	maxLostTries = 3
	// maxFinalRefusals is one try and three more: a server that refuses an address for good (5xx) seldom changes its
	// mind, and counts such tries against the sender.
	maxFinalRefusals = 4
)

// What a letter's answer says when no mail server said it.
const (
	answerAccepted    = "250"
	answerLost        = "lost"
	answerUnreachable = "unreachable"
)

// Verdict is what a try comes to.
type Verdict struct {
	State  State
	Answer string // the mail server's codes, or "lost" or "unreachable"
	// Unreached: the mail server did not answer RCPT, so nothing counts as a try.
	Unreached bool

	// Of a letter that waits on:

	DueAt      time.Time  // its next try
	AnsweredAt *time.Time // when the mail server answered RCPT or DATA in this try; nil when it did not
	Lost       bool       // the answer was lost after DATA
	Final      bool       // the recipient was refused for good
}

// code is the answer without the enhanced status code (RFC 3463).
func (v Verdict) code() string {
	code, _, _ := strings.Cut(v.Answer, " ")
	return code
}

// contact is what a try tells about the mail server.
func (v Verdict) contact() contact {
	if v.Unreached {
		return unreached
	}
	return reached
}

// judge turns the end of a try into what becomes of the letter.
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
		// Not due at once: a letter that alone cannot reach the server would begin the outage anew as soon as it ends.
		return Verdict{State: Waiting, Answer: cmp.Or(away.Codes(), answerUnreachable), Unreached: true, DueAt: now.Add(longestProbe)}
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

// backoff is how long a letter waits after a try that came to nothing, spread so that a mail server which comes
// back is not met by all letters at once.
func backoff(triesBefore int) time.Duration {
	wait := LongestWait
	if triesBefore < 7 { // 5 s doubled seven times is past ten minutes
		wait = min(wait, firstWait<<triesBefore)
	}
	return wait/2 + rand.N(wait/2) //nolint:gosec // spreads load, keeps no secret
}
