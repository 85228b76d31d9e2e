package mail

import (
	"context"
	"sync"
	"time"

	"aikagi/backend/recovery"
)

// dispatcher is the state of one [Postman.Run]. It begins claimed letters and records their results, both in sets.
//
// A sender is a slot for one letter, from its beginning to the end of its try. A letter is begun only when a sender is
// free, because the lifetime of its temporary password starts then. There are as many senders as connections, so a letter
// waits long for a connection only if the mail server takes fewer. The wait and the commands up to DATA take upToDataTimeout
// at most.
type dispatcher struct {
	*Postman
	claims  *claims
	lanes   []*lane
	outage  *outage
	free    int // senders without a letter
	overdue int // letters under way that did not end while gather waited for them
	// done gets the result of each sender. It has capacity for all senders, so none blocks.
	done       chan senderResult
	unrecorded []finishedTry
	// One set at a time is begun, and one is recorded. begun and recorded signal the end.
	beginning, recording bool
	begun, recorded      chan struct{}

	sendContext, recordContext context.Context // they outlive the context of run
	goroutines                 sync.WaitGroup
}

// senderResult is the end of a sender's work on a letter. try is nil when there is nothing to record.
type senderResult struct {
	result
	try *finishedTry
}

func newDispatcher(p *Postman, held *claims, toSend, toRecord context.Context) *dispatcher {
	return &dispatcher{
		Postman: p, claims: held, lanes: newLanes(p.Senders), outage: newOutage(p.Log), free: p.Senders,
		done: make(chan senderResult, p.Senders), begun: make(chan struct{}, 1), recorded: make(chan struct{}, 1),
		sendContext: toSend, recordContext: toRecord,
	}
}

// run claims, begins, sends and records letters until ctx ends.
func (d *dispatcher) run(ctx context.Context) {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	defer d.outage.timer.Stop()
	for {
		mayHaveMore := false
		select {
		case <-ctx.Done():
			return
		case end := <-d.done:
			mayHaveMore = d.finishLetter(ctx, end)
		case <-d.begun:
			d.beginning = false
		case <-d.recorded:
			d.recording = false
		case <-d.outage.timer.C:
			d.outage.probeDue = true
		case <-d.wake:
			mayHaveMore = true
		case <-poll.C:
			mayHaveMore = true
		}
		if d.outage.ongoing {
			d.claimProbe(ctx)
		} else {
			d.claimForLanes(ctx, mayHaveMore)
		}
		if !d.beginning {
			d.gather(ctx)
			d.record()
			d.begin()
		}
	}
}

// drain waits for the letters under way. It calls abort when that takes longer than stopTimeout.
func (d *dispatcher) drain(abort func()) {
	patience := time.NewTimer(stopTimeout)
	defer patience.Stop()
	for d.record(); d.underWay() > 0 || d.recording; d.record() {
		select {
		case end := <-d.done:
			d.finishLetter(d.recordContext, end)
		case <-d.begun:
		case <-d.recorded:
			d.recording = false
		case <-patience.C:
			abort()
		}
	}
	d.goroutines.Wait()
}

// finishLetter handles the end of a sender's work. It returns true if an outage has ended, so that there may be letters to
// claim.
func (d *dispatcher) finishLetter(ctx context.Context, end senderResult) (mayHaveMore bool) {
	d.free++
	d.overdue = min(d.overdue, d.underWay())
	d.lanes[PriorityOf(end.letter.Kind)].sending--
	if end.try != nil {
		d.unrecorded = append(d.unrecorded, *end.try)
	}
	begins, ends := d.outage.observe(end.result)
	if begins {
		d.releaseQueues(ctx)
	}
	return ends
}

// releaseQueues releases the claims on letters that are not begun: other servers may reach the mail server.
func (d *dispatcher) releaseQueues(ctx context.Context) {
	left := emptyQueues(d.lanes)
	d.releaseClaims(ctx, left)
	d.claims.removeAll(left...)
}

// claimProbe claims one letter when the next probe is due. It alternates between the priorities.
func (d *dispatcher) claimProbe(ctx context.Context) {
	if queued(d.lanes) > 0 || !d.outage.probeDue {
		return
	}
	for n := range d.lanes {
		l := d.lanes[(n+d.outage.probes)%len(d.lanes)]
		d.claimForLane(ctx, l, 1)
		if len(l.queue) > 0 {
			d.outage.startProbe(l.queue[0])
			return
		}
	}
}

// claimForLanes claims letters for lanes whose queues are empty. It claims none for a lane while an earlier lane has
// letters in its queue.
func (d *dispatcher) claimForLanes(ctx context.Context, mayHaveMore bool) {
	for _, l := range d.lanes {
		l.mayHaveMore = l.mayHaveMore || mayHaveMore
	}
	for _, l := range d.lanes {
		if len(l.queue) == 0 && l.mayHaveMore {
			l.mayHaveMore = d.claimForLane(ctx, l, max(minClaimLimit, 2*d.Senders)-d.claims.count(l.priority))
		}
		if len(l.queue) > 0 {
			return
		}
	}
}

// claimForLane fills a lane's empty queue. It returns false when there was nothing to claim.
func (d *dispatcher) claimForLane(ctx context.Context, l *lane, limit int) bool {
	if limit <= 0 {
		return true // as many letters as the limit allows are claimed already; there may be more to claim when some have ended
	}
	claimed := d.claimDue(ctx, limit, l.priority)
	l.queue = d.claims.add(claimed)
	return len(claimed) > 0
}

// begin begins as many letters as there are free senders.
func (d *dispatcher) begin() {
	set := takeLetters(d.lanes, d.free)
	if len(set) == 0 {
		return
	}
	d.free -= len(set)
	d.beginning = true
	d.goroutines.Go(func() {
		d.beginSet(d.sendContext, set)
		d.begun <- struct{}{}
	})
}

// record records all finished tries, unless another set is being recorded.
func (d *dispatcher) record() {
	if d.recording || len(d.unrecorded) == 0 {
		return
	}
	set := d.unrecorded
	d.unrecorded = nil
	d.recording = true
	d.goroutines.Go(func() {
		d.recordSet(d.recordContext, set)
		d.recorded <- struct{}{}
	})
}

// gather waits for letters under way to end, so that more senders are free and the next set is larger. It waits only if
// more letters are due than senders are free, and for gatherTimeout at most. It does not wait twice for the same letters,
// so that a conversation that hangs delays no other letter.
func (d *dispatcher) gather(ctx context.Context) {
	patience := time.NewTimer(gatherTimeout)
	defer patience.Stop()
	for d.underWay() > d.overdue && shouldGather(d.lanes, d.free) {
		select {
		case end := <-d.done:
			d.finishLetter(ctx, end)
		case <-patience.C:
			d.overdue = d.underWay()
		case <-ctx.Done():
			return
		}
	}
}

func (d *dispatcher) underWay() int { return d.Senders - d.free }

// beginSet begins letters in one transaction, and starts to send each of them at once. A letter that the transaction left
// out gets a transaction of its own, and so do all letters if the transaction failed. So one locked row delays no other
// letter.
func (d *dispatcher) beginSet(ctx context.Context, set []Letter) {
	begun, left, err := d.Postman.begin(ctx, set, recovery.SkipLocked)
	if err != nil {
		left = set
	}
	for _, decided := range begun {
		if decided.dropped != nil {
			d.endUnsent(result{letter: decided.letter, contact: skipped})
			continue
		}
		d.goroutines.Go(func() { d.deliver(ctx, decided) })
	}
	for _, letter := range left {
		d.goroutines.Go(func() {
			decided, r, mustSend := d.beginAlone(ctx, letter)
			if !mustSend {
				d.endUnsent(r)
				return
			}
			d.deliver(ctx, decided)
		})
	}
}

// deliver sends a letter that was begun, and reports the result to run.
func (d *dispatcher) deliver(ctx context.Context, decided decision) {
	end, r := d.send(ctx, decided)
	d.done <- senderResult{r, &end}
}

// endUnsent ends the work on a letter that was not sent.
func (d *dispatcher) endUnsent(r result) {
	d.claims.remove(r.letter.ID)
	d.done <- senderResult{result: r}
}
