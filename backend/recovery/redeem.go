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
		return View{}, Grant{}, &WrongError{max(0, MaxGuesses-r.Guesses)}
	}
	r.Guesses--

	grant := generateGrant()
	if err := s.openGrant(ctx, r, grant, device, now); err != nil {
		if ended := (*EndedError)(nil); !errors.As(err, &ended) {
			s.uncount(ctx, r, func(ctx context.Context) error { return s.Store.UncountGuess(ctx, r.ID) })
		}
		return View{}, Grant{}, fmt.Errorf("redeem: %w", err)
	}
	view := r.view()
	view.State = Redeemed
	return view, grant, nil
}

// openGrant uses up the issuance and opens the grant, in one transaction. The guess was right, so the transaction uncounts it
// even if the grant cannot open. In that case openGrant returns an EndedError.
func (s *Service) openGrant(ctx context.Context, r Recovery, grant Grant, device member.Device, now time.Time) error {
	redeemed := member.Activity{
		ID: rand.Text(), MemberID: r.MemberID, At: now, Kind: member.Redeemed,
		RecoveryID: string(r.ID), By: member.ByMember, Device: device,
	}
	var ended *EndedError
	inTx := func(ctx context.Context, do func(Store) error) error {
		return s.Store.InTx(ctx, func(tx Store) error {
			ended = nil // an earlier try may have set it
			return do(tx)
		})
	}
	err := InTxOnce(ctx, inTx, redeemed.ID, func(tx Store) error {
		if err := tx.UncountGuess(ctx, r.ID); err != nil {
			return err
		}
		m, err := tx.LockMember(ctx, r.MemberID)
		if errors.Is(err, ErrNotFound) || err == nil && m.Status != member.Active {
			ended = &EndedError{ByExpiry}
			return nil
		}
		if err != nil {
			return err
		}
		isUsed, err := tx.UseIssuance(ctx, r.IssuanceID, m.PasswordVersion, now)
		if err != nil {
			return err
		}
		if !isUsed {
			ended, err = whyUnusable(ctx, tx, r.IssuanceID)
			return err
		}
		opened := OpenedGrant{
			Hash: grant.hash(), PasswordVersion: m.PasswordVersion, IssuanceID: r.IssuanceID, KeyName: r.KeyName, ExpiresAt: now.Add(GrantLifetime),
		}
		if err := tx.OpenGrant(ctx, r.ID, opened, now); err != nil {
			return err
		}
		return tx.AddActivity(ctx, redeemed)
	})
	if err != nil {
		return err
	}
	if ended != nil {
		return ended
	}
	return nil
}

func whyUnusable(ctx context.Context, tx Store, issuanceID string) (*EndedError, error) {
	issuance, err := tx.Issuance(ctx, issuanceID)
	if errors.Is(err, ErrNotFound) {
		return &EndedError{ByExpiry}, nil
	}
	if err != nil {
		return nil, err
	}
	if issuance.UsedAt != nil {
		return &EndedError{ByUse}, nil
	}
	return &EndedError{ByExpiry}, nil
}

// uncountTimeout bounds the call that uncounts a guess or a try.
const uncountTimeout = 5 * time.Second

// uncount takes a counted guess or try off the row again, after a fault of the service, so that the member does not pay for it.
// It has a context of its own, because the request may have ended.
func (s *Service) uncount(ctx context.Context, r Recovery, call func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), uncountTimeout)
	defer cancel()
	if err := call(ctx); err != nil {
		s.Log.WarnContext(ctx, "a guess or a try could not be given back", "receipt", r.Receipt, "error", err)
	}
}
