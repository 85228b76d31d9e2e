package store_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
	"aikagi/backend/testkit"
)

func TestALetterIsChangedByItsClaimOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, letters, m := t.Context(), s.Letters(), enrol(t, s, "taro")
		l := addLetter(t, s, m, recovery.TemporaryPasswordLetter, now)
		if ids, err := claimLetters(t, s)("mine", now, 10); err != nil || len(ids) != 1 {
			t.Fatalf("claim: %v, %v", ids, err)
		}
		begin := func(claim string) bool {
			t.Helper()
			held, err := letters.LockClaimed(ctx, claim, []string{l.ID}, recovery.SkipLocked)
			must(t, err)
			begun, err := letters.BeginTries(ctx, claim, []string{l.ID}, now)
			must(t, err)
			if begun != len(held) {
				t.Errorf("%s: %d tries begun, and %d letters held", claim, begun, len(held))
			}
			return begun == 1
		}
		postpone := func(claim string, due time.Time) {
			t.Helper()
			verdict := mail.Verdict{DueAt: due, Answer: "lost", Lost: true}
			must(t, letters.Postpone(ctx, claim, []mail.Try{{Letter: mail.Letter{ID: l.ID}, Verdict: verdict}}))
		}
		if begin("another's") {
			t.Error("another began a try")
		}
		postpone("another's", now.Add(time.Hour))
		must(t, letters.UndoTries(ctx, "another's", []mail.Try{{Letter: mail.Letter{ID: l.ID, Tries: 7}, Verdict: mail.Verdict{DueAt: now}}}))
		must(t, letters.Finish(ctx, "another's", []string{l.ID}, mail.Failed, "550", now))
		must(t, letters.ReleaseClaims(ctx, "another's", []string{l.ID}))
		must(t, letters.RenewClaims(ctx, "another's", []string{l.ID}, now.Add(time.Hour)))
		if kept := onlyLetter(t, s, m.ID); kept.State != mail.Waiting || !kept.DueAt.Equal(now) || kept.Tries != 0 || kept.Answer != "" {
			t.Errorf("another claim changed it: %+v", kept)
		}

		must(t, letters.RenewClaims(ctx, "mine", []string{l.ID}, now.Add(time.Minute)))
		if ids, err := claimLetters(t, s)("another's", now.Add(claimedFor), 10); err != nil || len(ids) != 0 {
			t.Errorf("got %v, %v; want nothing: the claim was renewed", ids, err)
		}
		if !begin("mine") {
			t.Error("the holder could begin no try")
		}
		due := now.Add(5 * time.Second)
		postpone("mine", due)
		if kept := onlyLetter(t, s, m.ID); kept.Tries != 1 || kept.LostTries != 1 || !kept.DueAt.Equal(due) || kept.Answer != "lost" {
			t.Errorf("postponed: got %+v", kept)
		}
		if begin("mine") {
			t.Error("a try was begun after the claim was given up")
		}
		if ids, err := claimLetters(t, s)("next", due.Add(-time.Microsecond), 10); err != nil || len(ids) != 0 {
			t.Errorf("before it is due: got %v, %v", ids, err)
		}
		if ids, err := claimLetters(t, s)("next", due, 10); err != nil || len(ids) != 1 {
			t.Errorf("when it is due: got %v, %v", ids, err)
		}
		must(t, letters.ReleaseClaims(ctx, "next", []string{l.ID}))
		if ids, err := claimLetters(t, s)("last", due, 10); err != nil || len(ids) != 1 {
			t.Errorf("given back: got %v, %v; want it claimed at once", ids, err)
		}
		must(t, letters.Finish(ctx, "last", []string{l.ID}, mail.Accepted, "250", due))
		if kept := onlyLetter(t, s, m.ID); kept.State != mail.Accepted || kept.Answer != "250" || kept.EndedAt == nil || !kept.EndedAt.Equal(due) {
			t.Errorf("finished: got %+v", kept)
		}
		addLetter(t, s, m, recovery.TemporaryPasswordLetter, due) // no other is due any more
		wantStates(t, s, m, map[mail.State]int{mail.Accepted: 1, mail.Waiting: 1})
	})
}

func TestALetterLeadsItsAskBackToTheResolver(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		r := addAsk(t, s, "taro", now)
		if _, err := claimAsks(t, s)("first", now, 10); err != nil {
			t.Fatal(err)
		}
		closings := []recovery.Closing{{ID: r.ID, Outcome: recovery.LetterSent}}
		if closed, err := s.Recoveries().CloseMatched(ctx, "first", closings); err != nil || closed != 1 {
			t.Fatalf("closed %d, %v", closed, err)
		}
		must(t, s.Letters().InTx(ctx, func(tx mail.Store) error { return tx.Reopen(context.WithoutCancel(ctx), []recovery.ID{r.ID}, r.GoneAt) }))
		if ids, err := claimAsks(t, s)("second", now, 10); err != nil || len(ids) != 0 {
			t.Errorf("an ask that is gone was reopened: %v, %v", ids, err)
		}
		must(t, s.Letters().Reopen(ctx, []recovery.ID{r.ID}, now.Add(time.Hour)))
		if ids, err := claimAsks(t, s)("second", now.Add(time.Hour), 10); err != nil || len(ids) != 1 {
			t.Errorf("got %v, %v; want it reopened", ids, err)
		}
	})
}

func TestTheFirstMailingIsNotedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, i := t.Context(), addIssuance(t, s, enrol(t, s, "taro"))
		must(t, s.Letters().MarkMailed(ctx, []mail.IssuanceTime{{IssuanceID: i.ID, Time: now}}))
		must(t, s.Letters().MarkMailed(ctx, []mail.IssuanceTime{{IssuanceID: i.ID, Time: now.Add(time.Hour)}}))
		if got, err := s.Recoveries().Issuance(ctx, i.ID); err != nil || got.FirstMailedAt == nil || !got.FirstMailedAt.Equal(now) {
			t.Errorf("got %+v, %v; want first mailed at %s", got, err, now)
		}
	})
}

func TestLettersWithTemporaryPasswordsAreClaimedBeforeNotices(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, later := t.Context(), now.Add(time.Hour)
		notice := func(m member.Member, kind recovery.LetterKind) string { return addLetter(t, s, m, kind, now).ID }
		taro, jiro := enrol(t, s, "taro"), enrol(t, s, "jiro")
		first, second := notice(taro, recovery.PasswordChangedNotice), notice(taro, recovery.NewAddressNotice)
		third := addLetter(t, s, taro, recovery.FormerAddressNotice, now.Add(time.Minute)).ID
		younger := addLetter(t, s, jiro, recovery.TemporaryPasswordLetter, now.Add(3*time.Minute)).ID
		older := addLetter(t, s, taro, recovery.TemporaryPasswordLetter, now.Add(2*time.Minute)).ID
		claim := func(limit int, of ...mail.Priority) (ids []string) {
			t.Helper()
			letters, err := s.Letters().ClaimDue(ctx, rand.Text(), later, later.Add(time.Second), limit, of...)
			must(t, err)
			for _, letter := range letters {
				ids = append(ids, letter.ID)
			}
			return ids
		}
		if got := claim(1, mail.Notices); len(got) != 1 || got[0] != first && got[0] != second {
			t.Errorf("of the notices: got %v, want the longest due", got)
		}
		if got := claim(3); len(got) != 3 || got[0] != older || got[1] != younger || got[2] == third {
			t.Errorf("got %v, want %s and %s, then a notice", got, older, younger)
		}
		if got := claim(10, mail.TemporaryPasswords); len(got) != 0 {
			t.Errorf("of those with temporary passwords: got %v, want none left", got)
		}
		if got := claim(10); len(got) != 1 || got[0] != third {
			t.Errorf("got %v, want %s", got, third)
		}
	})
}

func TestAClaimedLetterKnowsWhenItsAskWasMade(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, asked := t.Context(), now.Add(-7*time.Minute)
		add := func(id member.LoginID, ask recovery.ID) {
			t.Helper()
			l := newLetter(enrol(t, s, id), recovery.TemporaryPasswordLetter, now)
			l.AskID, l.CreatedAt = ask, now.Add(-time.Minute)
			must(t, s.Recoveries().AddLetter(ctx, l))
		}
		r := addAsk(t, s, "taro", asked)
		add("taro", r.ID)
		add("jiro", "THEASKOFJIROWASSWEPTLONGAG")
		addLetter(t, s, enrol(t, s, "saburo"), recovery.PasswordChangedNotice, now)

		letters, err := s.Letters().ClaimDue(ctx, "mine", now, now.Add(claimedFor), 10)
		if err != nil || len(letters) != 3 {
			t.Fatalf("claim: %d letters, %v", len(letters), err)
		}
		for _, letter := range letters {
			want := letter.CreatedAt
			if letter.AskID == r.ID {
				want = asked
			}
			if letter.Kind == recovery.TemporaryPasswordLetter && !letter.AskedAt.Equal(want) {
				t.Errorf("the answer to %s: got %s, want %s", letter.AskID, letter.AskedAt, want)
			}
		}
	})
}

func TestALockedLetterDoesNotStopTheRenewalOrReleaseOfOtherClaims(t *testing.T) {
	settings := testkit.MySQL(t)
	s := testkit.Open(t, settings)
	m := enrol(t, s, "taro")
	locked, free := addLetter(t, s, m, recovery.PasswordChangedNotice, now), addLetter(t, s, m, recovery.NewAddressNotice, now)
	if ids, err := claimLetters(t, s)("mine", now, 10); err != nil || len(ids) != 2 {
		t.Fatalf("claim: %v, %v", ids, err)
	}
	tx, err := raw(t, settings).BeginTx(t.Context(), nil)
	must(t, err)
	_, err = tx.ExecContext(t.Context(), "UPDATE letters SET answer = 'held' WHERE id = ?", locked.ID)
	must(t, err)

	call, cancel := context.WithTimeout(t.Context(), 20*time.Second) // shorter than the 50 s that a lock may take
	defer cancel()
	until := now.Add(2 * claimedFor)
	must(t, s.Letters().RenewClaims(call, "mine", []string{locked.ID, free.ID}, until))
	if ids, err := claimLetters(t, s)("another's", until.Add(-time.Second), 10); err != nil || len(ids) != 0 {
		t.Errorf("got %v, %v; want none: one is locked, and the other's claim was renewed", ids, err)
	}
	must(t, s.Letters().ReleaseClaims(call, "mine", []string{locked.ID, free.ID}))
	if ids, err := claimLetters(t, s)("next", now, 10); err != nil || len(ids) != 1 || ids[0] != free.ID {
		t.Errorf("got %v, %v; want the one that was given back", ids, err)
	}
	must(t, tx.Rollback())
}
