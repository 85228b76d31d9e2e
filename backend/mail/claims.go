package mail

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// claims are the letters that a [Postman] has claimed: those in its queues and those under way. It is safe for concurrent
// use.
type claims struct {
	mu  sync.Mutex
	ids map[string]Priority
}

func newClaims() *claims { return &claims{ids: make(map[string]Priority)} }

// add adds letters and returns those that it did not have yet. It had the others already, so they are under way. They were
// claimed a second time because their claims could not be renewed and expired.
func (c *claims) add(claimed []Letter) (added []Letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, letter := range claimed {
		if _, held := c.ids[letter.ID]; !held {
			c.ids[letter.ID] = PriorityOf(letter.Kind)
			added = append(added, letter)
		}
	}
	return added
}

func (c *claims) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ids, id)
}

func (c *claims) removeAll(letters ...Letter) {
	for _, letter := range letters {
		c.remove(letter.ID)
	}
}

// count counts the letters of a priority.
func (c *claims) count(of Priority) (letters int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, priority := range c.ids {
		if priority == of {
			letters++
		}
	}
	return letters
}

// list returns the ids in sorted order. Every server locks rows in this order.
func (c *claims) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.ids))
}

// renewClaims renews the claims until ctx ends. It runs in a goroutine of its own, so that the claims do not expire while
// another call hangs.
func (p *Postman) renewClaims(ctx context.Context, held *claims) {
	renew := time.NewTicker(renewInterval)
	defer renew.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			p.renewOnce(ctx, held.list())
		}
	}
}

// claimDue claims due letters. It returns none when the database does not answer in time; the next poll tries again.
func (p *Postman) claimDue(ctx context.Context, limit int, of ...Priority) []Letter {
	if limit <= 0 {
		return nil
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	now := p.Now()
	letters, err := p.Store.ClaimDue(call, p.claim, now, now.Add(claimTTL), limit, of...)
	if err != nil && ctx.Err() == nil {
		p.Log.ErrorContext(ctx, "due letters could not be claimed; they wait", "error", err)
	}
	return letters
}

func (p *Postman) renewOnce(ctx context.Context, ids []string) {
	if len(ids) == 0 {
		return
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := p.Store.RenewClaims(call, p.claim, ids, p.Now().Add(claimTTL)); err != nil && ctx.Err() == nil {
		p.Log.WarnContext(ctx, "claims on letters could not be renewed", "error", err)
	}
}

func (p *Postman) releaseClaims(ctx context.Context, letters []Letter) {
	if len(letters) == 0 {
		return
	}
	ids := make([]string, len(letters))
	for i, letter := range letters {
		ids[i] = letter.ID
	}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := p.Store.ReleaseClaims(call, p.claim, ids); err != nil {
		p.Log.WarnContext(ctx, "letters could not be given back; they go out when their claims run out", "error", err)
	}
}
