package recovery

import "time"

// The limits of a recovery. Package throttle has the limits by client address and by login ID.
const (
	// Lifetime is how long a recovery is found, counted from the ask. For a letter's own recovery it is counted from the latest
	// time at which the letter was handed to the mail server.
	Lifetime = 24 * time.Hour
	// MaxGuesses is the number of wrong temporary passwords that end a recovery. A temporary password has 43 bits, so five
	// guesses find nothing.
	MaxGuesses = 5
	// GrantLifetime is how long a grant can set the new password, counted from the redemption.
	GrantLifetime = 30 * time.Minute
	// MaxGrantTries bounds the new passwords that one grant may propose. Without it a grant could be used to find the current
	// password, because a refusal says whether the proposal equals it.
	MaxGrantTries = 10
	// RenewalPeriod starts with the first mail of an issuance. A letter within it gives the temporary password a new expiry;
	// a later letter repeats the old one.
	RenewalPeriod = 2 * time.Hour
	// LetterInterval is the least time between two letters with temporary passwords to one member.
	LetterInterval = time.Minute
	// MaxRemailsAnHour and MaxRemailsADay bound, for each member, the letters with a temporary password that was mailed
	// before.
	MaxRemailsAnHour = 5
	MaxRemailsADay   = 20
	// DisavowalLifetime is how long the link in a notice can be used, counted from the change that the notice announces.
	DisavowalLifetime = 7 * 24 * time.Hour
	// MaxBacklog is the age of the oldest unresolved ask above which [Service.Request] and [Service.AskAgain] return
	// [ErrBusy] to all callers.
	MaxBacklog = 30 * time.Second
	// MaxSetAside is how many asks that are set aside do not count for MaxBacklog. Without it one locked row would close
	// recovery for all.
	MaxSetAside = 100
)
