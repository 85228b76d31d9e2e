// Package throttle bounds how often something may be tried: by client address, by login ID, by recovery. One
// algorithm (GCRA, the leaky bucket as a clock) runs in Redis, where it holds across servers, or in memory, when there
// is no Redis or it is away: never open, never an error for the one who asks.
//
// A limit is charged before anything is looked up, and the same for a name that nobody has.
package throttle

import "time"

// Limit allows Burst tries at once, and then one every Every.
type Limit struct {
	// Name keeps the counts of one limit apart from another's. It is in snake_case, since it is a label of a metric too.
	Name  string
	Every time.Duration
	Burst int
}

// The limits. By client address they are wide, for a whole apartment house may share one; those by login ID and by
// recovery do the protecting.
var (
	RecoveriesByClient  = Limit{"recoveries", time.Minute / 30, 30}
	SignInsByClient     = Limit{"sign_ins", time.Minute / 60, 60}
	RedemptionsByClient = Limit{"redemptions", time.Minute / 60, 60}

	// A recovery is its asker's own, so these stop one from being played with from many addresses. Redemptions are
	// bounded by the five guesses too; this bounds who presents a right one again and again.
	LettersByRecovery     = Limit{"letters_of_a_recovery", 30 * time.Second, 30}
	RedemptionsByRecovery = Limit{"redemptions_of_a_recovery", 10 * time.Second, 60}

	// SignInsByLoginID makes waits grow: ten tries at once, then one in half a minute, and from the thirtieth on one
	// in five minutes. So a login ID is tried some 300 times a day by everybody together, and who has its password
	// waits five minutes at the most for a turn (NIST SP 800-63B-4, 3.2.2: no lasting lock).
	SignInsByLoginID = []Limit{
		{"sign_ins_of_a_login_id", 30 * time.Second, 10},
		{"sign_ins_of_a_login_id_long", 5 * time.Minute, 30},
	}
	// SignInsByDevice are the same for a browser that the member signed in with before. They are counted apart, because
	// only members cause such names: no flood of login IDs fills their table.
	SignInsByDevice = []Limit{
		{"sign_ins_of_a_device", 30 * time.Second, 10},
		{"sign_ins_of_a_device_long", 5 * time.Minute, 30},
	}
)

// Names are the names of all limits.
func Names() []string {
	all := []Limit{RecoveriesByClient, SignInsByClient, RedemptionsByClient, LettersByRecovery, RedemptionsByRecovery}
	all = append(append(all, SignInsByLoginID...), SignInsByDevice...)
	names := make([]string, len(all))
	for i, limit := range all {
		names[i] = limit.Name
	}
	return names
}

// next is one step of GCRA. due is when the bucket would be empty again; it gives the new one, or how long to wait
// when the try is one too many. A full bucket is due Burst times Every from now; a later due was written before the clock
// stepped back, and would make everybody wait until the clock is there again.
func (l Limit) next(due, now time.Time) (time.Time, time.Duration) {
	full := now.Add(time.Duration(l.Burst) * l.Every)
	switch {
	case due.Before(now):
		due = now
	case due.After(full):
		due = full
	}
	newDue := due.Add(l.Every)
	if wait := newDue.Sub(full); wait > 0 {
		return due, wait
	}
	return newDue, 0
}
