package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"aikagi/backend/member"
)

// EndReason says why a recovery cannot be gone on with.
type EndReason string

// The reasons. ByExpiry and ByUse are told only to who presents the right temporary password.
const (
	ByGuesses EndReason = "guesses"
	ByExpiry  EndReason = "expired" // ran out, or was ended by a deed on the member
	ByUse     EndReason = "used"
)

// EndedError says that a recovery is over.
type EndedError struct{ Reason EndReason }

func (e *EndedError) Error() string { return "the recovery has ended: " + string(e.Reason) }

// WrongError says that a guess was wrong.
type WrongError struct{ GuessesLeft int }

func (e *WrongError) Error() string {
	return fmt.Sprintf("wrong temporary password, %d guesses left", e.GuessesLeft)
}

// Redeem goes on with a temporary password and opens a grant. Of any number of concurrent calls with the right
// one, on any number of servers, one wins; the others get EndedError.
//
// The guess is counted before the comparison (CVE-2024-4629: parallel guesses beat a count that came after). A
// wrong guess touches the recovery's own row and no other, decoy or not.
func (s *Service) Redeem(ctx context.Context, id ID, typed TemporaryPassword, device member.Device) (View, Grant, error) {
	now := s.Now()
	counted, err := s.Store.CountGuess(ctx, id, now)
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
	if !counted {
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
			s.giveBack(ctx, r, func(ctx context.Context) error { return s.Store.TakeBackGuess(ctx, r.ID) })
		}
		return View{}, Grant{}, fmt.Errorf("redeem: %w", err)
	}
	view := r.view()
	view.State = Redeemed
	return view, grant, nil
}

// openGrant uses the issuance up and opens the grant, in one transaction. Either way the right guess is taken back.
func (s *Service) openGrant(ctx context.Context, r Recovery, grant Grant, device member.Device, now time.Time) error {
	redeemed := member.Activity{
		ID: rand.Text(), MemberID: r.MemberID, At: now, Kind: member.Redeemed,
		RecoveryID: string(r.ID), By: member.ByMember, Device: device,
	}
	var ended *EndedError
	err := s.Store.InTx(ctx, func(tx Store) error {
		ended = nil
		own, err := tx.HasActivity(ctx, redeemed.ID)
		if err != nil || own {
			return err // committed by an earlier try whose answer was lost
		}
		if err := tx.TakeBackGuess(ctx, r.ID); err != nil {
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
		won, err := tx.UseIssuance(ctx, r.IssuanceID, m.PasswordVersion, now)
		if err != nil {
			return err
		}
		if !won {
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
