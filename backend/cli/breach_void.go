package cli

import (
	"fmt"
	"time"

	"aikagi/backend/breach"
	"aikagi/backend/store"
)

const (
	// voidEach is the least time for each member of a set, pause included. A million members take at least 200 s, and longer on a
	// busy machine.
	voidEach = 200 * time.Microsecond
	// longestSet is how long the store lets a set take.
	longestSet = 10 * time.Second
)

// voidBreach voids set after set. Several commands may void the same breach at the same time.
func (p *program) voidBreach(breaches *store.Breaches, b breach.Breach) error {
	progress := p.progress("voided", "member", b.Members)
	progress.continueAt(b.Voided)
	defer progress.clear()
	for b.Runs() && b.VoidedAt == nil {
		begun := p.now()
		next, err := breaches.VoidSet(p.ctx, b.ID, begun)
		if err != nil {
			progress.clear()
			return fmt.Errorf("after %d of %d: %w; aikagi breach resume continues", b.Voided, b.Members, err)
		}
		pause := pauseAfterVoidedSet(p.now().Sub(begun), next.Voided-b.Voided)
		b = next
		progress.at(b.Voided)
		sleep(p.ctx, pause)
	}
	progress.clear()
	if !b.Runs() {
		return fmt.Errorf("voided %d of %d: another command has ended the breach; aikagi breach resume continues it", b.Voided, b.Members)
	}
	fmt.Fprintf(p.stdout, "voided %d\n", b.Voided)
	p.printNotices(b, b.Notices-b.Made)
	p.printAnnouncement(b)
	return nil
}

// pauseAfterVoidedSet returns the pause after a set, so that the servers can use the database: half of the time that the
// set took, and at least enough for voidEach.
func pauseAfterVoidedSet(took time.Duration, voided int64) time.Duration {
	took = min(max(took, 0), longestSet) // a step of the clock changes took
	return max(took/2, time.Duration(voided)*voidEach-took)
}
