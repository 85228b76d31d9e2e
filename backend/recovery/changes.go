package recovery

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/member"
)

// Closing is the end of an ask that matched: its outcome, and the issuance to which its recovery leads.
type Closing struct {
	ID      ID
	Outcome Outcome
	To      Issuance
}

// changes holds the resolutions of one transaction as sets. One statement writes each set.
type changes struct {
	closings  []Closing
	ended     []string    // the IDs of issuances to end
	dropped   []member.ID // whose due letters to drop
	issuances []Issuance
	own       []Recovery // the recoveries to which the letters link
	letters   []DueLetter
}

func (c *changes) add(r resolution, memberID member.ID) {
	c.closings = append(c.closings, r.closing)
	if r.ended != "" {
		c.ended = append(c.ended, r.ended)
	}
	if r.drops {
		c.dropped = append(c.dropped, memberID)
	}
	if r.issuance != nil {
		c.issuances = append(c.issuances, *r.issuance)
	}
	if r.letter != nil {
		c.own, c.letters = append(c.own, *r.own), append(c.letters, *r.letter)
	}
}

// write ends old rows before it adds new ones, because unique columns allow a member one live issuance and one due letter.
func (c *changes) write(ctx context.Context, tx Store, claim string, now time.Time) error {
	closed, err := tx.CloseMatched(ctx, claim, c.closings)
	if err != nil {
		return err
	}
	if closed != len(c.closings) {
		return fmt.Errorf("closed %d of %d locked asks", closed, len(c.closings))
	}
	if err := tx.EndIssuances(ctx, c.ended, now); err != nil {
		return err
	}
	if err := tx.DropLetters(ctx, c.dropped...); err != nil {
		return err
	}
	if err := tx.AddIssuances(ctx, c.issuances); err != nil {
		return err
	}
	if err := tx.AddRecoveries(ctx, c.own); err != nil {
		return err
	}
	return tx.AddLetters(ctx, c.letters)
}
