package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"aikagi/backend/member"
)

// batch is a set of asks under one claim.
type batch struct {
	*Service
	claim string
	now   time.Time
	// lastTry says what the last statement does about a locked row, before the ask is set aside.
	lastTry WhenLocked
}

// resolveBatch claims asks, closes the decoys among them, and makes letters due for the matches. It returns the number of asks
// that it claimed. After an error the rest of the batch stays claimed until the claim runs out.
func (s *Service) resolveBatch(ctx context.Context, rested time.Duration, lastTry WhenLocked) (claimed int, failed error) {
	b := &batch{Service: s, claim: rand.Text(), now: s.Now(), lastTry: lastTry}
	var asks []Recovery
	err := withTimeout(ctx, func(ctx context.Context) (err error) {
		asks, err = s.Store.ClaimUnresolved(ctx, b.claim, b.now.Add(-rested), b.now, b.now.Add(claimDuration), batchSize)
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
	decoys, matches, err := b.classify(ctx, asks)
	if err != nil {
		return 0, err
	}
	for outcome, closing := range decoys {
		if err := b.closeDecoys(ctx, closing, outcome); err != nil {
			return 0, err
		}
	}
	for _, set := range transactionSets(matches) {
		if err := b.resolveMatches(ctx, set); err != nil {
			return 0, err
		}
		s.WakePostman()
	}
	return len(asks), nil
}

// withTimeout gives each step of a batch a timeout of its own, so that a slow step takes no time from the next.
func withTimeout(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	return step(ctx)
}

// classify divides the asks into decoys, by their outcome, and matches, sorted by member.
func (b *batch) classify(ctx context.Context, asks []Recovery) (map[Outcome][]Recovery, []match, error) {
	ids := make([]member.LoginID, len(asks))
	for i, ask := range asks {
		ids[i] = ask.LoginID
	}
	slices.Sort(ids)
	var found []member.Member
	err := withTimeout(ctx, func(ctx context.Context) (err error) {
		found, err = b.Store.MembersNamed(ctx, slices.Compact(ids))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	byLoginID := make(map[member.LoginID]member.Member, len(found))
	for _, m := range found {
		byLoginID[m.LoginID] = m
	}
	decoys := make(map[Outcome][]Recovery)
	var matches []match
	for _, ask := range asks {
		b.checkKey(ctx, ask.addressKey(), KeyOfAsk)
		m, isKnown := byLoginID[ask.LoginID]
		if outcome := b.decoyOutcome(ask, m, isKnown); outcome != "" {
			decoys[outcome] = append(decoys[outcome], ask)
			continue
		}
		matches = append(matches, b.newMatch(ask, m, b.now))
	}
	sortByMember(matches)
	return decoys, matches, nil
}

// closeDecoys writes the outcome of the asks, and sets aside those whose rows another transaction has locked.
func (b *batch) closeDecoys(ctx context.Context, asks []Recovery, outcome Outcome) error {
	closed := 0
	for _, when := range slices.Compact([]WhenLocked{SkipLocked, b.lastTry}) { // one try if the two are equal
		err := withTimeout(ctx, func(ctx context.Context) error {
			n, err := b.Store.CloseDecoys(ctx, b.claim, idsOf(asks), outcome, when)
			closed += n
			b.reportResolved(outcome, n)
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

// resolveMatches resolves a set of matches in one transaction, without those whose rows another transaction has locked. If the
// transaction fails, each match gets a transaction of its own, so that one row which cannot be written does not delay the
// others. The matches that were left out get the same if lastTry waits for locks. Otherwise their asks are set aside.
func (b *batch) resolveMatches(ctx context.Context, matches []match) error {
	left, err := b.tryResolve(ctx, matches, SkipLocked)
	switch {
	case err != nil:
		left = matches
	case b.lastTry == SkipLocked:
		return b.setAside(ctx, asksOf(left))
	}
	for _, match := range left {
		if err := b.resolveAlone(ctx, match); err != nil {
			return err
		}
	}
	return nil
}

// resolveAlone resolves one match in a transaction of its own, or sets its ask aside. It returns an error only if the ask could
// not be set aside either.
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

// tryResolve resolves matches in one transaction. It returns those that it left out.
func (b *batch) tryResolve(ctx context.Context, matches []match, when WhenLocked) (left []match, err error) {
	var made changes
	err = withTimeout(ctx, func(ctx context.Context) error {
		return b.Store.InTx(ctx, func(tx Store) error {
			var err error
			left, made, err = b.resolveInTx(ctx, tx, matches, when)
			if err != nil {
				return fmt.Errorf("resolve: %w", err)
			}
			return nil
		})
	})
	if err == nil {
		b.report(made)
	}
	return left, err
}

// resolveInTx reads and writes in sets, so that the number of statements does not grow with the matches. It leaves out a match
// if another transaction has locked its member or its ask, or if the claim on the ask is gone.
func (b *batch) resolveInTx(ctx context.Context, tx Store, matches []match, when WhenLocked) (left []match, all changes, err error) {
	rows, members, err := b.lock(ctx, tx, matches, when)
	if err != nil {
		return nil, changes{}, err
	}
	for _, match := range matches {
		row, isRowLocked := rows[match.ask.ID]
		state, isMemberLocked := members[match.memberID]
		if !isRowLocked || !isMemberLocked {
			left = append(left, match)
			continue
		}
		done := b.decide(match, row, *state, b.now)
		all.add(done, match.memberID)
		if done.letter != nil { // the member's next ask in this set must find this letter
			state.live, state.letters.Due = &done.closing.To, true
		}
	}
	if err := all.write(ctx, tx, b.claim, b.now); err != nil {
		return nil, changes{}, err
	}
	return left, all, nil
}

// lock locks the asks' rows and then their members. Redeem uses the same order, so that the two cannot deadlock. lock then reads
// the members' issuances and letters.
func (b *batch) lock(ctx context.Context, tx Store, matches []match, when WhenLocked) (map[ID]Recovery, map[member.ID]*memberState, error) {
	rows, err := tx.LockClaimed(ctx, b.claim, idsOf(asksOf(matches)), when)
	if err != nil {
		return nil, nil, err
	}
	found, err := tx.LockMembers(ctx, memberIDs(matches), when)
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[ID]Recovery, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	members, ids := make(map[member.ID]*memberState, len(found)), make([]member.ID, len(found))
	for i, m := range found {
		members[m.ID], ids[i] = &memberState{member: m}, m.ID
	}
	live, err := tx.LiveIssuances(ctx, ids, when)
	if err != nil {
		return nil, nil, err
	}
	for _, issuance := range live {
		members[issuance.MemberID].live = &issuance
	}
	counts, err := tx.LetterCounts(ctx, ids, b.now, when)
	if err != nil {
		return nil, nil, err
	}
	for id, count := range counts {
		members[id].letters = count
	}
	return byID, members, nil
}

// report calls the service's functions for changes that are committed.
func (s *Service) report(made changes) {
	byOutcome := make(map[Outcome]int)
	for _, closing := range made.closings {
		byOutcome[closing.Outcome]++
	}
	for outcome, asks := range byOutcome {
		s.reportResolved(outcome, asks)
	}
	if s.OnDropped != nil && len(made.dropped) > 0 {
		s.OnDropped(len(made.dropped))
	}
}

func (s *Service) reportResolved(outcome Outcome, asks int) {
	if s.OnResolved != nil && asks > 0 {
		s.OnResolved(outcome, asks)
	}
}
