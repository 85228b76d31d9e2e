package recovery

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"aikagi/backend/member"
)

// match is an ask that named an active member by both login ID and address, with everything random that
// resolving it may need, chosen before the transaction's first try.
type match struct {
	ask      Recovery
	memberID member.ID
	issuance Issuance
	letter   DueLetter
	own      Recovery // the letter's
}

// batch is what one claim took.
type batch struct {
	*Service
	claim string
	now   time.Time
	// lastTry says what to do about a locked row before its ask is set aside.
	lastTry WhenLocked
}

// resolveBatch claims asks, finds out whom they name, closes the decoys, and makes the letters due. It returns
// how many asks it claimed. An error means that the database did not do what any ask needs: the rest of the batch
// stays claimed until its claim runs out.
func (s *Service) resolveBatch(ctx context.Context, rested time.Duration, lastTry WhenLocked) (claimed int, failed error) {
	b := &batch{Service: s, claim: rand.Text(), now: s.Now(), lastTry: lastTry}
	var asks []Recovery
	err := withDeadline(ctx, func(ctx context.Context) (err error) {
		asks, err = s.Store.ClaimUnresolved(ctx, b.claim, b.now.Add(-rested), b.now, b.now.Add(claimLasts), resolveAtOnce)
		return err
	})
	if err != nil || len(asks) == 0 {
		return 0, err
	}
	if s.OnBatch != nil {
		var end func(failed bool)
		ctx, end = s.OnBatch(ctx, len(asks))
		defer func() { end(failed != nil) }()
	}
	decoys, matches, err := b.sort(ctx, asks)
	if err != nil {
		return 0, err
	}
	for outcome, some := range decoys {
		if err := b.closeDecoys(ctx, some, outcome); err != nil {
			return 0, err
		}
	}
	for _, some := range apart(matches) {
		if err := b.resolveMatches(ctx, some); err != nil {
			return 0, err
		}
		s.WakePostman()
	}
	return len(asks), nil
}

// withDeadline gives one step of a batch a budget of its own: what one step used up, the next one does not lack.
func withDeadline(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepLasts)
	defer cancel()
	return step(ctx)
}

// sort tells decoys from matches. Both login ID and address must be the same active member's; the address is
// compared here, byte by byte, whatever the database's collation thinks is alike (CVE-2024-27295).
func (b *batch) sort(ctx context.Context, asks []Recovery) (map[Outcome][]Recovery, []match, error) {
	ids := make([]member.LoginID, len(asks))
	for i, ask := range asks {
		ids[i] = ask.LoginID
	}
	slices.Sort(ids)
	var found []member.Member
	err := withDeadline(ctx, func(ctx context.Context) (err error) {
		found, err = b.Store.MembersNamed(ctx, slices.Compact(ids))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	named := make(map[member.LoginID]member.Member, len(found))
	for _, m := range found {
		named[m.LoginID] = m
	}
	decoys := make(map[Outcome][]Recovery)
	var matches []match
	for _, ask := range asks {
		b.checkKey(ctx, ask.keyOfAddress(), KeyOfAsk)
		m, known := named[ask.LoginID]
		if outcome := b.whyDecoy(ask, m, known); outcome != "" {
			decoys[outcome] = append(decoys[outcome], ask)
			continue
		}
		matches = append(matches, b.newMatch(ask, m, b.now))
	}
	// One order everywhere, so that two resolvers do not wait for each other's members in a circle.
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.memberID, b.memberID) })
	return decoys, matches, nil
}

func (s *Service) whyDecoy(ask Recovery, m member.Member, known bool) Outcome {
	switch {
	case !known:
		return UnknownLoginID
	case !s.Keys.addressMatches(ask, m.MailAddress):
		return AddressDiffers
	case m.Status != member.Active:
		return NotActive
	}
	return ""
}

func (s *Service) newMatch(ask Recovery, m member.Member, now time.Time) match {
	own := newDecoy(m.LoginID, s.Keys.Issuing(), now)
	own.Origin, own.MemberID, own.Receipt, own.Language = FromLetter, m.ID, ask.Receipt, ask.Language
	own.MailAddressMAC = s.Keys.addressMAC(own.KeyName, own.ID, m.MailAddress)
	return match{
		ask:      ask,
		memberID: m.ID,
		issuance: Issuance{ID: rand.Text(), MemberID: m.ID, KeyName: s.Keys.Issuing(), CreatedAt: now},
		letter: DueLetter{
			ID: rand.Text(), Kind: TemporaryPasswordLetter, MemberID: m.ID, Language: ask.Language,
			CreatedAt: now, RecoveryID: own.ID, AskID: ask.ID, Receipt: ask.Receipt,
		},
		own: own,
	}
}

// apart divides matches into what one transaction resolves. An ask that was set aside before has one of its own: its
// rows may still be locked, or broken.
func apart(matches []match) [][]match {
	var fresh []match
	var sets [][]match
	for _, one := range matches {
		if one.ask.SetAside > 0 {
			sets = append(sets, []match{one})
		} else {
			fresh = append(fresh, one)
		}
	}
	return append(slices.Collect(slices.Chunk(fresh, resolveInOneTransaction)), sets...)
}

// closeDecoys gives one outcome to the asks whose rows no other transaction has locked, and sets the others aside.
func (b *batch) closeDecoys(ctx context.Context, asks []Recovery, outcome Outcome) error {
	closed := 0
	for _, when := range slices.Compact([]WhenLocked{SkipLocked, b.lastTry}) {
		err := withDeadline(ctx, func(ctx context.Context) error {
			n, err := b.Store.CloseDecoys(ctx, b.claim, idsOf(asks), outcome, when)
			closed += n
			b.tellResolved(outcome, n)
			return err
		})
		if err != nil && !errors.Is(err, ErrLocked) {
			return err
		}
		if closed == len(asks) {
			return nil
		}
	}
	return b.setAside(ctx, asks)
}

// resolveMatches resolves all matches in one transaction, but for those whose rows another transaction has locked. If
// the transaction fails, each match gets one of its own, so that one row which cannot be written does not hold up the
// others.
func (b *batch) resolveMatches(ctx context.Context, matches []match) error {
	left, err := b.tryResolve(ctx, matches, SkipLocked)
	if err != nil {
		left = matches
	} else if b.lastTry == SkipLocked {
		return b.setAside(ctx, asksOf(left))
	}
	for _, match := range left {
		if err := b.resolveAlone(ctx, match); err != nil {
			return err
		}
	}
	return nil
}

// resolveAlone resolves one match in a transaction of its own, or sets its ask aside. The error says that the database
// did not even do that.
func (b *batch) resolveAlone(ctx context.Context, alone match) error {
	left, err := b.tryResolve(ctx, []match{alone}, b.lastTry)
	if err == nil && len(left) == 0 {
		return nil
	}
	if err != nil && !errors.Is(err, ErrLocked) {
		b.Log.ErrorContext(ctx, "an ask could not be resolved", "receipt", alone.ask.Receipt, "error", err)
	}
	return b.setAside(ctx, []Recovery{alone.ask})
}

func (b *batch) tryResolve(ctx context.Context, matches []match, when WhenLocked) (left []match, err error) {
	var made changes
	err = withDeadline(ctx, func(ctx context.Context) error {
		return b.Store.InTx(ctx, func(tx Store) error {
			var err error
			left, made, err = b.resolveIn(ctx, tx, matches, when)
			return err
		})
	})
	if err == nil {
		b.tell(made)
	}
	return left, err
}

// tell tells of changes that are committed.
func (s *Service) tell(made changes) {
	byOutcome := make(map[Outcome]int)
	for _, closing := range made.closings {
		byOutcome[closing.Outcome]++
	}
	for outcome, asks := range byOutcome {
		s.tellResolved(outcome, asks)
	}
	if s.OnDropped != nil && len(made.dropped) > 0 {
		s.OnDropped(len(made.dropped))
	}
}

func (s *Service) tellResolved(outcome Outcome, asks int) {
	if s.OnResolved != nil && asks > 0 {
		s.OnResolved(outcome, asks)
	}
}

// setAside lets asks wait for a while that the claim still holds, and marks them. An ask whose own row is locked cannot
// be marked; it waits until its claim runs out.
func (b *batch) setAside(ctx context.Context, asks []Recovery) error {
	byTimes := make(map[int][]Recovery)
	for _, ask := range asks {
		byTimes[ask.SetAside] = append(byTimes[ask.SetAside], ask)
	}
	marked := 0
	for times, some := range byTimes {
		err := withDeadline(ctx, func(ctx context.Context) error {
			n, err := b.Store.SetAside(ctx, b.claim, idsOf(some), b.now.Add(setAsideFor(times)))
			marked += n
			return err
		})
		if err != nil {
			return err
		}
	}
	if marked > 0 {
		b.Log.WarnContext(ctx, "asks are set aside: another transaction has locked their rows, or they cannot be written", "asks", marked)
	}
	return nil
}

// setAsideFor is how long an ask waits that was set aside so often before.
func setAsideFor(times int) time.Duration {
	return min(firstSetAside<<min(times, 10), longestSetAside)
}

func idsOf(asks []Recovery) []ID {
	ids := make([]ID, len(asks))
	for i, ask := range asks {
		ids[i] = ask.ID
	}
	return ids
}

func asksOf(matches []match) []Recovery {
	asks := make([]Recovery, len(matches))
	for i, match := range matches {
		asks[i] = match.ask
	}
	return asks
}
