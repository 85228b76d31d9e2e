package store_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// plannedCall is a call of a method of the store whose plans are checked.
type plannedCall struct {
	method string // type and name
	call   func() error
	// walks is whether the call reads a whole table on purpose, in parts in the order of a key. Then the plan must use the key
	// and not sort.
	walks bool
}

// withoutPlan are the methods whose plans are not checked, with the reason: they read none of the growing tables, or one
// command runs them once.
var withoutPlan = map[string]string{
	"Store.Backup": "copies the file", "Store.Close": "no statement", "Store.ClockOffset": "no statement", "Store.Pools": "no statement",
	"Store.Inspect": "reads the catalogue, and WHERE 1 = 0", "Store.Migrate": "changes tables", "Store.Ready": "reads a time",
	"Store.Version": "reads the table of migrations", "Store.CheckIntegrity": "checks a whole file on purpose", "Store.Writable": "changes the row that it has inserted", "Store.TrySpace": "changes a row that it has inserted",
	"Store.Breaches": "no statement", "Store.Trace": "no statement", "Store.Sweeper": "no statement", "Store.Recoveries": "no statement", "Store.Letters": "no statement", "Store.Logins": "no statement", "Store.Members": "no statement",
	"Recoveries.InTx": "the statements are others'", "Letters.InTx": "the statements are others'", "Logins.InTx": "the statements are others'",
	"Members.CountMembers": "counts a whole table, once in a command", "Members.CountNotVoid": "counts a whole table, once in a command",
}

// testMethods are methods that only exist in tests.
var testMethods = []string{"Record", "OnBegin", "LoseNextCommit", "DisableBusyWait", "AwaitStatement", "BacklogUpTo", "CountLettersAtMost", "WaitingAsks", "UseOneAskWriter", "LiftAskTimeout", "EndAskStatements", "IsWritingAsks", "Fill", "FillFailed", "FillNotices", "FillBreach"}

// allCalls returns a call of each method of the store that sends a statement.
func allCalls(ctx context.Context, s *store.Store, r recovery.Recovery, l store.KeptLetter) []plannedCall {
	return slices.Concat(recoveryCalls(ctx, s, r, l), resolverCalls(ctx, s, r), letterCalls(ctx, s, r, l.Letter), memberCalls(ctx, s),
		operatorCalls(ctx, s, l), periodicCalls(ctx, s))
}

// errorOf drops the result of a call.
func errorOf(_ any, err error) error { return err }

var (
	later       = now.Add(time.Hour)
	hash        = strings.Repeat("a", 64)
	m           = member.ID(1) // has a history of a hundred
	someMembers = []member.ID{1, 2, noID}
	newLetterTo = recovery.DueLetter{ID: "NEW", Kind: recovery.PasswordChangedNotice, MemberID: m, DueAt: now, CreatedAt: now}
)

func recoveryCalls(ctx context.Context, s *store.Store, r recovery.Recovery, l store.KeptLetter) []plannedCall {
	recoveries := s.Recoveries()
	return []plannedCall{
		{method: "Recoveries.AddRecovery", call: func() error { return recoveries.AddRecovery(ctx, newAsk("taro", now)) }},
		{method: "Recoveries.Recovery", call: func() error { return errorOf(recoveries.Recovery(ctx, r.ID)) }},
		{method: "Recoveries.AskAgain", call: func() error { return errorOf(recoveries.AskAgain(ctx, r.ID, now)) }},
		{method: "Recoveries.CountGuess", call: func() error { return errorOf(recoveries.CountGuess(ctx, r.ID, now)) }},
		{method: "Recoveries.UncountGuess", call: func() error { return recoveries.UncountGuess(ctx, r.ID) }},
		{method: "Recoveries.OpenGrant", call: func() error {
			return recoveries.OpenGrant(ctx, r.ID, recovery.OpenedGrant{Hash: hash, PasswordVersion: 1, ExpiresAt: later}, now)
		}},
		{method: "Recoveries.CountTry", call: func() error { return errorOf(recoveries.CountTry(ctx, r.ID, hash, now)) }},
		{method: "Recoveries.UncountTry", call: func() error { return recoveries.UncountTry(ctx, r.ID, hash) }},
		{method: "Recoveries.Complete", call: func() error { return errorOf(recoveries.Complete(ctx, r.ID, hash, now)) }},
		{method: "queries.Issuance", call: func() error { return errorOf(recoveries.Issuance(ctx, r.IssuanceID)) }},
		{method: "Recoveries.UseIssuance", call: func() error { return errorOf(recoveries.UseIssuance(ctx, r.IssuanceID, 1, now)) }},
		{method: "Recoveries.AddIssuances", call: func() error {
			return recoveries.AddIssuances(ctx, []recovery.Issuance{{ID: "LIVES", MemberID: m, CreatedAt: now}})
		}},
		{method: "Recoveries.LiveIssuance", call: func() error { return errorOf(recoveries.LiveIssuance(ctx, m)) }},
		{method: "Recoveries.EndIssuances", call: func() error { return recoveries.EndIssuances(ctx, []string{r.IssuanceID}, now) }},
		{method: "Recoveries.DropLetters", call: func() error { return recoveries.DropLetters(ctx, l.MemberID) }},
		{method: "Recoveries.VoidPassword", call: func() error { return errorOf(recoveries.VoidPassword(ctx, m, 99, now)) }},
	}
}

func resolverCalls(ctx context.Context, s *store.Store, r recovery.Recovery) []plannedCall {
	recoveries, asks := s.Recoveries(), []recovery.ID{r.ID, "X"}
	return []plannedCall{
		{method: "queries.MembersNamed", call: func() error {
			return errorOf(recoveries.MembersNamed(ctx, []member.LoginID{"m000001", "m000002", "nobody"}))
		}},
		{method: "Recoveries.LetterCounts", call: func() error { return errorOf(recoveries.LetterCounts(ctx, someMembers, now, recovery.SkipLocked)) }},
		{method: "Recoveries.LiveIssuances", call: func() error { return errorOf(recoveries.LiveIssuances(ctx, someMembers, recovery.SkipLocked)) }},
		{method: "Recoveries.LockMembers", call: func() error { return errorOf(recoveries.LockMembers(ctx, someMembers, recovery.SkipLocked)) }},
		{method: "Recoveries.Unresolved", call: func() error { return errorOf(recoveries.Unresolved(ctx, 101)) }},
		{method: "Recoveries.NotLocked", call: func() error { return errorOf(recoveries.NotLocked(ctx, asks)) }},
		{method: "Recoveries.ClaimUnresolved", call: func() error { return errorOf(recoveries.ClaimUnresolved(ctx, "mine", now, now, later, 200)) }},
		{method: "Recoveries.CloseDecoys", call: func() error {
			return errorOf(recoveries.CloseDecoys(ctx, "mine", asks, recovery.UnknownLoginID, recovery.SkipLocked))
		}},
		{method: "Recoveries.CloseMatched", call: func() error {
			return errorOf(recoveries.CloseMatched(ctx, "mine", []recovery.Closing{{ID: r.ID, Outcome: recovery.LetterSent}, {ID: "X"}}))
		}},
		{method: "Recoveries.LockClaimed", call: func() error { return errorOf(recoveries.LockClaimed(ctx, "mine", asks, recovery.SkipLocked)) }},
		{method: "Recoveries.SetAside", call: func() error { return errorOf(recoveries.SetAside(ctx, "mine", asks, later)) }},
		{method: "Recoveries.AddRecoveries", call: func() error { return recoveries.AddRecoveries(ctx, []recovery.Recovery{newAsk("taro", now)}) }},
		{method: "Recoveries.AddLetters", call: func() error {
			second := newLetterTo
			second.ID = "SECOND"
			return recoveries.AddLetters(ctx, []recovery.DueLetter{second})
		}},
	}
}

func letterCalls(ctx context.Context, s *store.Store, r recovery.Recovery, l mail.Letter) []plannedCall {
	letters, ids := s.Letters(), []string{l.ID, "X"}
	return []plannedCall{
		{method: "queries.AddLetter", call: func() error { return letters.AddLetter(ctx, newLetterTo) }},
		{method: "Letters.ClaimDue", call: func() error { return errorOf(letters.ClaimDue(ctx, "mine", now, later, 64)) }},
		{method: "Letters.RenewClaims", call: func() error { return letters.RenewClaims(ctx, "mine", ids, later) }},
		{method: "Letters.LockOwnRecoveries", call: func() error {
			return errorOf(letters.LockOwnRecoveries(ctx, []recovery.ID{l.RecoveryID, "X"}, recovery.SkipLocked))
		}},
		{method: "Letters.LockIssuances", call: func() error {
			return errorOf(letters.LockIssuances(ctx, []string{l.IssuanceID, "X"}, recovery.SkipLocked))
		}},
		{method: "Letters.LockClaimed", call: func() error { return errorOf(letters.LockClaimed(ctx, "mine", ids, recovery.SkipLocked)) }},
		{method: "Letters.NoticesPaused", call: func() error { return errorOf(letters.NoticesPaused(ctx)) }},
		{method: "Letters.Members", call: func() error { return errorOf(letters.Members(ctx, someMembers)) }},
		{method: "Letters.ExtendOwnRecoveries", call: func() error { return letters.ExtendOwnRecoveries(ctx, []recovery.ID{l.RecoveryID, "X"}, later) }},
		{method: "Letters.SetExpiries", call: func() error {
			return errorOf(letters.SetExpiries(ctx, []mail.IssuanceTime{{IssuanceID: l.IssuanceID, Time: later}, {IssuanceID: "X", Time: later}}))
		}},
		{method: "Letters.BeginTries", call: func() error { return errorOf(letters.BeginTries(ctx, "mine", ids, now)) }},
		{method: "Letters.MarkMailed", call: func() error {
			return letters.MarkMailed(ctx, []mail.IssuanceTime{{IssuanceID: l.IssuanceID, Time: now}, {IssuanceID: "X", Time: now}})
		}},
		{method: "Letters.Reopen", call: func() error { return letters.Reopen(ctx, []recovery.ID{r.ID, "X"}, now) }},
		{method: "Letters.Postpone", call: func() error {
			return letters.Postpone(ctx, "mine", []mail.Try{{Letter: l, Verdict: mail.Verdict{DueAt: now, Answer: "lost", Lost: true}}, {}})
		}},
		{method: "Letters.UndoTries", call: func() error { return letters.UndoTries(ctx, "mine", []mail.Try{{Letter: l}, {}}) }},
		{method: "Letters.ReleaseClaims", call: func() error { return letters.ReleaseClaims(ctx, "mine", ids) }},
		{method: "Letters.Finish", call: func() error { return letters.Finish(ctx, "mine", ids, mail.Accepted, "250", now) }},
	}
}

func memberCalls(ctx context.Context, s *store.Store) []plannedCall {
	logins := s.Logins()
	return []plannedCall{
		{method: "queries.Member", call: func() error { return errorOf(logins.Member(ctx, m)) }},
		{method: "queries.LockMember", call: func() error { return errorOf(logins.LockMember(ctx, m)) }},
		{method: "queries.SetPassword", call: func() error { return errorOf(logins.SetPassword(ctx, m, 1, "hash", now)) }},
		{method: "queries.HasActivity", call: func() error { return errorOf(logins.HasActivity(ctx, "X")) }},
		{method: "queries.AddActivity", call: func() error {
			return logins.AddActivity(ctx, member.Activity{ID: "NEW", MemberID: m, At: now, Kind: member.Redeemed})
		}},
		{method: "queries.Activities", call: func() error { return errorOf(logins.Activities(ctx, m, 10)) }},
		{method: "Logins.MemberNamed", call: func() error { return errorOf(logins.MemberNamed(ctx, "m000001", m)) }},
		{method: "Logins.LastMember", call: func() error { return errorOf(logins.LastMember(ctx)) }},
		{method: "Logins.Rehash", call: func() error { return errorOf(logins.Rehash(ctx, m, "old", "new")) }},
	}
}

func operatorCalls(ctx context.Context, s *store.Store, l store.KeptLetter) []plannedCall {
	desk, kept := s.Members(), []store.KeptLetter{l}
	wanted := []store.Wanted{{ID: m, Address: "new@xxx.mm-m.ne.jp", Status: member.Cancelled}, {ID: m + 1, Address: "new@xxx.mm-m.ne.jp"}}
	calls := []plannedCall{
		{method: "Members.Asks", call: func() error { return errorOf(desk.Asks(ctx, "m000001", "", 10)) }},
		{method: "Members.Asks", call: func() error { return errorOf(desk.Asks(ctx, "", "00000001", 10)) }},
		{method: "Members.LettersOf", call: func() error { return errorOf(desk.LettersOf(ctx, m, 10)) }},
		{method: "Members.LettersIn", call: func() error { return errorOf(desk.LettersIn(ctx, mail.Waiting, 10)) }},
		{method: "Members.Letters", call: func() error { return errorOf(desk.Letters(ctx, store.LetterFilter{Unsuccessful: true, Limit: 10})) }},
		{method: "Members.Letters", walks: true, call: func() error { return errorOf(desk.Letters(ctx, store.LetterFilter{Limit: 10})) }},
		{method: "Members.CountLetters", call: func() error { _, _, err := desk.CountLetters(ctx, store.LetterFilter{Unsuccessful: true}); return err }},
		{method: "Members.CountLetters", walks: true, call: func() error { _, _, err := desk.CountLetters(ctx, store.LetterFilter{}); return err }},
		{method: "Members.LetterLinks", call: func() error { return errorOf(desk.LetterLinks(ctx, kept)) }},
		{method: "Members.Issuances", call: func() error { _, _, err := desk.Issuances(ctx, m, kept); return err }},
		{method: "Members.Recipients", call: func() error { return errorOf(desk.Recipients(ctx, kept)) }},
		{method: "Members.HasWork", call: func() error { return errorOf(desk.HasWork(ctx)) }},
		{method: "Members.RetryLetter", call: func() error { return errorOf(desk.RetryLetter(ctx, l.ID, now)) }},
		{method: "Members.RetryFailed", call: func() error { return errorOf(desk.RetryFailed(ctx, now.Add(-time.Hour), now, func(store.Retried) {})) }},
		{method: "Members.Plan", call: func() error { return errorOf(desk.Plan(ctx, wanted, now)) }},
		{method: "Members.Change", call: func() error { return errorOf(desk.Change(ctx, wanted, store.Update{AsOf: now, Now: now}, 2)) }},
		{method: "Members.Forgotten", call: func() error { return errorOf(desk.Forgotten(ctx, 10)) }},
		{method: "Members.MembersAfter", walks: true, call: func() error { return errorOf(desk.MembersAfter(ctx, 0, 500)) }},
		{method: "Members.NotVoid", walks: true, call: func() error { return errorOf(desk.NotVoid(ctx, 0, 500)) }},
		{method: "Members.Void", call: func() error { return errorOf(desk.Void(ctx, []member.ID{3, 4}, member.Author{}, now)) }},
		{method: "Members.AddMembers", call: func() error {
			return desk.AddMembers(ctx, []member.Member{{LoginID: "new", Status: member.Active, CreatedAt: now}})
		}},
	}
	for _, kind := range []member.ActivityKind{member.Voided, member.WasSuspended, member.Resumed, member.WasCancelled, member.AddressChanged} {
		calls = append(calls, plannedCall{method: "Members.Do", call: func() error {
			return errorOf(desk.Do(ctx, m+6, store.MemberChange{Kind: kind, Address: "newer@xxx.mm-m.ne.jp"}, now))
		}})
	}
	return append(calls, plannedCall{method: "Members.Forget", call: func() error {
		return desk.Forget(ctx, member.Member{ID: m, LoginID: "m000000", Status: member.Cancelled}, member.Author{}, now)
	}})
}

func periodicCalls(ctx context.Context, s *store.Store) []plannedCall {
	return []plannedCall{
		{method: "Store.Backlog", call: func() error { return errorOf(s.Backlog(ctx)) }},
		// Seen from yesterday, some rows lie in the future.
		{method: "Store.ReleaseFutureRows", call: func() error { return s.ReleaseFutureRows(ctx, now.Add(-24*time.Hour)) }},
		{method: "Sweeper.Sweep", call: func() error { // the tables' oldest rows go
			keep := store.Retention{Recoveries: 49 * time.Hour, Letters: 49 * time.Hour, Activities: 49 * time.Hour}
			return errorOf(s.Sweeper(keep, func() time.Time { return now }, noRest).Sweep(ctx))
		}},
	}
}
