package recovery

import (
	"context"
	"fmt"

	"aikagi/backend/member"
)

// Ask is the input of step 2, normalised.
type Ask struct {
	LoginID     member.LoginID
	MailAddress member.MailAddress
	Language    Language
	Client      string // the client address
}

// Request is step 2. It stores the ask as a decoy with one INSERT and looks up no member, so the time that it takes tells
// nothing. The [Resolver] compares the ask with the members afterwards. Request returns [ErrPaused] or [ErrBusy] while nobody
// can ask.
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

// AskAgain asks for the mail once more, through a recovery that exists. The resolver treats it like a new ask. AskAgain returns
// [ErrPaused] or [ErrBusy] as Request does, and otherwise [ErrNotFound] for a recovery that does not exist or is gone.
func (s *Service) AskAgain(ctx context.Context, id ID) error {
	now := s.Now()
	if err := s.admit(now); err != nil {
		return err
	}
	isFound, err := s.Store.AskAgain(ctx, id, now)
	if err != nil {
		return fmt.Errorf("ask again: %w", err)
	}
	if !isFound {
		return ErrNotFound
	}
	s.Wake()
	return nil
}
