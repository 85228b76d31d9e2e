package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/member"
)

// Redeem is step 4. It compares the typed temporary password and opens a grant. Of several calls at the same time with the
// right one, on any number of servers, one succeeds; the others get an [EndedError].
//
// The guess is counted before the comparison. Otherwise parallel guesses would all be compared before the first is counted
// (CVE-2024-4629). A wrong guess changes only the recovery's own row, whether the recovery is a decoy or not.
func (s *Service) Redeem(ctx context.Context, id ID, typed TemporaryPassword, device member.Device) (View, Grant, error) {
	now := s.Now()
	isCounted, err := s.Store.CountGuess(ctx, id, now)
	if err != nil {
		return View{}, Grant{}, fmt.Errorf("redeem: %w", err)
	}
	r, err := s.Store.Recovery(ctx, id)
	if err != nil {
		return View{}, Grant{}, fmt.Errorf("redeem: %w", err)
	}
	if !now.Before(r.GoneAt) {
		return View{}, Grant{}, ErrNotFound
	}
	if !isCounted {
		return View{}, Grant{}, &EndedError{ByGuesses}
	}
	s.checkKey(ctx, r.KeyName, KeyOfRedemption)
	if !s.Keys.TemporaryPassword(r.KeyName, r.MemberID, r.IssuanceID).Equals(typed) {
		return View{}, Grant{}, &WrongError{r.guessesLeft()}
	}
	r.Guesses-- // the guess was right, so it does not count

	grant := generateGrant()
	if err := s.openGrant(ctx, r, grant, device, now); err != nil {
		s.uncount(ctx, r, func(ctx context.Context) error { return s.Store.UncountGuess(ctx, r.ID) })
		return View{}, Grant{}, fmt.Errorf("redeem: %w", err)
	}
	view := r.view()
	view.State = Redeemed
	return view, grant, nil
}

// openGrant uncounts the guess, which was right, uses up the issuance and opens the grant, in one transaction. If the issuance
// cannot be used any more, openGrant returns an [EndedError] and changes nothing. It must not commit then: without an activity a
// repeated transaction does not find an earlier try, and would uncount the guess twice.
//
// The guess is uncounted first, because that locks the recovery's row: the resolver locks it before the member's row too.
func (s *Service) openGrant(ctx context.Context, r Recovery, grant Grant, device member.Device, now time.Time) error {
	redeemed := member.Activity{
		ID: rand.Text(), MemberID: r.MemberID, At: now, Kind: member.Redeemed,
		RecoveryID: string(r.ID), By: member.ByMember, Device: device,
	}
	return InTxOnce(ctx, s.Store.InTx, redeemed.ID, func(tx Store) error {
		if err := tx.UncountGuess(ctx, r.ID); err != nil {
			return err
		}
		m, err := tx.LockMember(ctx, r.MemberID)
		if errors.Is(err, ErrNotFound) || err == nil && m.Status != member.Active {
			return &EndedError{ByExpiry}
		}
		if err != nil {
			return err
		}
		isUsed, err := tx.UseIssuance(ctx, r.IssuanceID, m.PasswordVersion, now)
		if err != nil {
			return err
		}
		if !isUsed {
			return whyUnusable(ctx, tx, r.IssuanceID)
		}
		opened := OpenedGrant{
			Hash: grant.hash(), PasswordVersion: m.PasswordVersion, IssuanceID: r.IssuanceID, KeyName: r.KeyName, ExpiresAt: now.Add(GrantLifetime),
		}
		if err := tx.OpenGrant(ctx, r.ID, opened, now); err != nil {
			return err
		}
		return tx.AddActivity(ctx, redeemed)
	})
}

// whyUnusable returns an [EndedError] with the reason why the issuance cannot be used, or the error of the database.
func whyUnusable(ctx context.Context, tx Store, issuanceID string) error {
	issuance, err := tx.Issuance(ctx, issuanceID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if issuance.UsedAt != nil {
		return &EndedError{ByUse}
	}
	return &EndedError{ByExpiry}
}

// uncountTimeout bounds the call that uncounts a guess or a try.
const uncountTimeout = 5 * time.Second

// uncount takes a counted guess or try off the row again, so that neither a right guess nor a fault of the service uses up one.
// It has a context of its own, because the request may have ended.
func (s *Service) uncount(ctx context.Context, r Recovery, call func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), uncountTimeout)
	defer cancel()
	if err := call(ctx); err != nil {
		s.Log.WarnContext(ctx, "a guess or a try could not be uncounted", "receipt", r.Receipt, "error", err)
	}
}
