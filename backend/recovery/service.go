package recovery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/password"
)

// Service does the steps that a browser asks for.
type Service struct {
	Store  Store
	Keys   *Ring
	Hasher *password.Hasher
	Now    func() time.Time
	Log    *slog.Logger
	// Wake tells the resolver of this process that there is work. It must not block.
	Wake func()
	// WakePostman tells the postman of this process that a letter is due. It must not block.
	WakePostman func()

	// OnResolved is told how many asks got an outcome, once that is committed, and OnDropped how many waiting letters with
	// temporary passwords were given up for new ones. Both are optional and must not block.
	OnResolved func(outcome Outcome, asks int)
	OnDropped  func(letters int)
	// OnBatch is told of each batch of asks that the resolver has claimed, and its end whether it failed. Optional.
	OnBatch func(ctx context.Context, asks int) (context.Context, func(failed bool))

	// OnUnknownKey is told of each row that needs a key which the ring does not hold. Optional, must not block.
	OnUnknownKey func(use KeyUse)

	unknownKeys  unknownKeys
	paused       atomic.Bool
	waitingSince atomic.Int64 // Unix microseconds of the oldest unresolved ask that counts, 0 when none waits
}

// Ask is what somebody typed in step 2, in its normal form.
type Ask struct {
	LoginID     member.LoginID
	MailAddress member.MailAddress
	Language    Language
	Client      string
}

// Pause is the operator's switch: while it is on, asking and asking again are refused, and what was asked goes on. It can
// be called while the service works.
func (s *Service) Pause(paused bool) { s.paused.Store(paused) }

// IsPaused says whether the switch is on.
func (s *Service) IsPaused() bool { return s.paused.Load() }

// admit says why nobody can ask now, or ask again: ErrPaused or ErrBusy. It is judged before any row is looked at, so
// that it tells nothing of any recovery.
func (s *Service) admit(now time.Time) error {
	if s.IsPaused() {
		return ErrPaused
	}
	if s.isBehind(now) {
		return ErrBusy
	}
	return nil
}

// Request accepts an ask: one INSERT, and no look at any member, so that there is nothing to time. The worker
// finds out afterwards whom it names.
func (s *Service) Request(ctx context.Context, ask Ask) (View, error) {
	now := s.Now()
	if err := s.admit(now); err != nil {
		return View{}, err
	}
	r := newDecoy(ask.LoginID, s.Keys.Issuing(), now)
	r.MailAddressMAC = s.Keys.addressMAC(r.KeyName, r.ID, ask.MailAddress)
	r.Language, r.Client = ask.Language, ask.Client
	if err := s.Store.AddRecovery(ctx, r); err != nil {
		return View{}, fmt.Errorf("request: %w", err)
	}
	s.Wake()
	return r.view(), nil
}

// AskAgain asks for the mail once more, through the same recovery.
func (s *Service) AskAgain(ctx context.Context, id ID) error {
	now := s.Now()
	if err := s.admit(now); err != nil {
		return err
	}
	again, err := s.Store.AskAgain(ctx, id, now)
	if err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	if !again {
		return ErrNotFound
	}
	s.Wake()
	return nil
}

// Look tells a recovery's state: to strangers that of its own row, to the browser with its grant what was done
// through it.
func (s *Service) Look(ctx context.Context, id ID, grant Grant) (View, error) {
	r, err := s.Store.Recovery(ctx, id)
	if err != nil {
		return View{}, fmt.Errorf("look: %w", err)
	}
	now := s.Now()
	if !grant.heldBy(r, now) {
		if !now.Before(r.GoneAt) {
			return View{}, ErrNotFound
		}
		return r.view(), nil
	}
	_, err = s.grantedMember(ctx, r)
	if errors.Is(err, ErrGrantMissing) && r.CompletedAt == nil {
		// The password may have been set between the two reads, just when this browser asks what became of it.
		if r, err = s.Store.Recovery(ctx, id); err == nil && r.CompletedAt == nil {
			err = ErrGrantMissing
		}
	}
	view := r.view()
	switch {
	case r.CompletedAt != nil:
		view.State = Completed
	case err == nil && r.GrantTries < MaxGrantTries:
		view.State = Redeemed
	case err != nil && !errors.Is(err, ErrGrantMissing):
		return View{}, fmt.Errorf("look: %w", err)
	}
	return view, nil
}

// grantedMember is the member whose password the recovery's grant can set, or ErrGrantMissing when the member's
// password version has risen since, or the member is no longer active.
func (s *Service) grantedMember(ctx context.Context, r Recovery) (member.Member, error) {
	m, err := s.Store.Member(ctx, r.MemberID)
	if errors.Is(err, ErrNotFound) {
		return member.Member{}, ErrGrantMissing
	}
	if err != nil {
		return member.Member{}, err
	}
	if m.Status != member.Active || m.PasswordVersion != r.GrantVersion {
		return member.Member{}, ErrGrantMissing
	}
	return m, nil
}

// NoticeOfChange is the letter that tells a member of a new password, made in the transaction that sets it.
func NoticeOfChange(m member.Member, newVersion int64, language Language, now time.Time) DueLetter {
	return DueLetter{
		ID: rand.Text(), Kind: PasswordChangedNotice, MemberID: m.ID, Language: language,
		DueAt: now, CreatedAt: now, PasswordVersion: newVersion,
	}
}

// NoticesOfNewAddress are the letters that tell a member, as they were before, of a new basic mail address: one goes
// to the former address and one to the new one, in this order. Both announce the password version that the change
// made. Their ids are chosen before the first try of the transaction that makes it.
func NoticesOfNewAddress(ids [2]string, before member.Member, language Language, now time.Time) [2]DueLetter {
	notice := DueLetter{
		MemberID: before.ID, Language: language, DueAt: now, CreatedAt: now, PasswordVersion: before.PasswordVersion + 1,
	}
	former, present := notice, notice
	former.ID, former.Kind, former.FormerAddress = ids[0], FormerAddressNotice, before.MailAddress
	present.ID, present.Kind = ids[1], NewAddressNotice
	return [2]DueLetter{former, present}
}
