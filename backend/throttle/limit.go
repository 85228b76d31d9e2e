package throttle

import "time"

// Limit allows Burst tries at once, and then one try in each interval Every.
type Limit struct {
	// Name separates the counts of this limit from those of the others. It is also the value of a metric's label, so it is
	// in snake_case.
	Name  string
	Every time.Duration
	Burst int
}

// The limits. Those by client address are wide, because a whole apartment building may share one address. The limits by
// login ID and by recovery protect against guessing.
var (
	RecoveriesByClient  = Limit{"recoveries", time.Minute / 30, 30}
	SignInsByClient     = Limit{"sign_ins", time.Minute / 60, 60}
	RedemptionsByClient = Limit{"redemptions", time.Minute / 60, 60}

	// These bound the calls for one recovery from many addresses. A recovery also allows only five wrong temporary
	// passwords; RedemptionsByRecovery bounds a caller who repeats a correct one.
	LettersByRecovery     = Limit{"letters_of_a_recovery", 30 * time.Second, 30}
	RedemptionsByRecovery = Limit{"redemptions_of_a_recovery", 10 * time.Second, 60}

	// SignInsByLoginID allows ten tries at once, then one in 30 s, and after thirty tries one in 5 minutes. All callers
	// together can try a login ID about 300 times a day, and its owner waits at most 5 minutes for the next try: there is
	// no permanent lock (NIST SP 800-63B-4, 3.2.2).
	SignInsByLoginID = []Limit{
		{"sign_ins_of_a_login_id", 30 * time.Second, 10},
		{"sign_ins_of_a_login_id_long", 5 * time.Minute, 30},
	}
	// SignInsByDevice are the same limits for a browser in which the member has signed in before. They have tables of
	// their own, which a flood of login IDs cannot fill.
	SignInsByDevice = []Limit{
		{"sign_ins_of_a_device", 30 * time.Second, 10},
		{"sign_ins_of_a_device_long", 5 * time.Minute, 30},
	}
)

// Names returns the names of all limits.
func Names() []string {
	all := []Limit{RecoveriesByClient, SignInsByClient, RedemptionsByClient, LettersByRecovery, RedemptionsByRecovery}
	all = append(append(all, SignInsByLoginID...), SignInsByDevice...)
	names := make([]string, len(all))
	for i, limit := range all {
		names[i] = limit.Name
	}
	return names
}

// next is one step of GCRA. due is the time at which the bucket is empty again. next returns the new due time and no wait,
// or the old one and the wait if the bucket is full. A full bucket is empty after Burst times Every. If due is later than
// that, the clock has stepped back since; next then treats the bucket as full, so that nobody waits for the old time.
//
// No library is used: the store in memory of throttled/v2 forgets counts when other names flood it.
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
