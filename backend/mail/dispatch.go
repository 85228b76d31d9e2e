package mail

import (
	"context"
	"sync"
	"time"

	"aikagi/backend/recovery"
)

// dispatcher hands claimed letters to senders, and has what came of them recorded, both in sets. A sender is a place for
// one letter that is being begun or sent, so no letter is begun that has to wait for a connection: its expiry runs from
// then on.
type dispatcher struct {
	*Postman
	held  *claims
	lanes []*lane
	away  *outage
	free  int // senders without a letter
	slow  int // letters under way that gather has waited for in vain
	// done takes the letters of senders that are free again. It has a place for each sender, so none waits.
	done  chan outcome
	ended []ended // not recorded yet
	// A set at a time is begun, and one recorded; begun and recorded then tell. Meanwhile further letters gather.
	beginning, recording bool
	begun, recorded      chan struct{}

	toSend, toRecord context.Context // of what goes on when run has ended
	work             sync.WaitGroup
}

// outcome is the end of a sender's work on a letter, with what there is to record of it.
type outcome struct {
	result
	ended *ended
}

func newDispatcher(p *Postman, held *claims, toSend, toRecord context.Context) *dispatcher {
	return &dispatcher{
		Postman: p, held: held, lanes: newLanes(p.Senders), away: newOutage(p.Log), free: p.Senders,
		done: make(chan outcome, p.Senders), begun: make(chan struct{}, 1), recorded: make(chan struct{}, 1),
		toSend: toSend, toRecord: toRecord,
	}
}

// run claims letters and has them begun, sent and recorded until ctx ends.
func (d *dispatcher) run(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	defer d.away.probe.Stop()
	for {
		look := false
		select {
		case <-ctx.Done():
			return
		case o := <-d.done:
			look = d.end(ctx, o)
		case <-d.begun:
			d.beginning = false
		case <-d.recorded:
			d.recording = false
		case <-d.away.probe.C:
			d.away.due = true
		case <-d.wake:
			look = true
		case <-poll.C:
			look = true
		}
		if d.away.lasts {
			d.fillProbe(ctx)
		} else {
			d.fill(ctx, look)
		}
		if !d.beginning {
			d.gather(ctx)
			d.record()
			d.begin()
		}
	}
}

// finish lets what is under way come to its end, and cuts it off when that takes too long.
func (d *dispatcher) finish(abort func()) {
	patience := time.NewTimer(stopWithin)
	defer patience.Stop()
	for d.record(); d.underWay() > 0 || d.recording; d.record() {
		select {
		case o := <-d.done:
			d.end(d.toRecord, o)
		case <-d.begun:
		case <-d.recorded:
			d.recording = false
		case <-patience.C:
			abort()
		}
	}
	d.work.Wait()
}

// end takes in the end of a sender's work. It says true when there may be letters to claim, since an outage has ended.
func (d *dispatcher) end(ctx context.Context, o outcome) (look bool) {
	d.free++
	d.slow = min(d.slow, d.underWay())
	d.lanes[PriorityOf(o.letter.Kind)].sending--
	if o.ended != nil {
		d.ended = append(d.ended, *o.ended)
	}
	begins, ends := d.away.learn(o.result)
	if begins {
		d.release(ctx)
	}
	return ends
}

// release gives back what is claimed and not begun: other servers may reach the mail server.
func (d *dispatcher) release(ctx context.Context) {
	left := unbegun(d.lanes)
	d.giveBack(ctx, left)
	d.held.remove(left...)
}

// fillProbe claims one letter when it is time to probe, of either priority by turns.
func (d *dispatcher) fillProbe(ctx context.Context) {
	if queued(d.lanes) > 0 || !d.away.due {
		return
	}
	for n := range d.lanes {
		l := d.lanes[(n+d.away.turn)%len(d.lanes)]
		d.claim(ctx, l, 1)
		if len(l.queue) > 0 {
			d.away.begin(l.queue[0])
			return
		}
	}
}

// fill claims letters for lanes that are empty. It claims none for a lane while an earlier lane has some.
func (d *dispatcher) fill(ctx context.Context, look bool) {
	for _, l := range d.lanes {
		l.more = l.more || look
	}
	for _, l := range d.lanes {
		if len(l.queue) == 0 && l.more {
			l.more = d.claim(ctx, l, max(claimAtOnce, 2*d.Senders)-d.held.count(l.priority))
		}
		if len(l.queue) > 0 {
			return
		}
	}
}

// claim fills a lane's empty queue. It says false when there was nothing to claim.
func (d *dispatcher) claim(ctx context.Context, l *lane, limit int) bool {
	if limit <= 0 {
		return true // all that may be held are under way; there may be more to claim when some of them have ended
	}
	claimed := d.claimDue(ctx, limit, l.priority)
	l.queue = d.held.add(claimed)
	return len(claimed) > 0
}

// begin begins as many letters as there are free senders.
func (d *dispatcher) begin() {
	set := take(d.lanes, d.free)
	if len(set) == 0 {
		return
	}
	d.free -= len(set)
	d.beginning = true
	d.work.Go(func() {
		d.beginSet(d.toSend, set)
		d.begun <- struct{}{}
	})
}

// record has everything recorded that has ended, unless a set is being recorded.
func (d *dispatcher) record() {
	if d.recording || len(d.ended) == 0 {
		return
	}
	set := d.ended
	d.ended = nil
	d.recording = true
	d.work.Go(func() {
		d.recordSet(d.toRecord, set)
		d.recorded <- struct{}{}
	})
}

// gather waits a moment for letters under way, when more letters are due than senders are free. It does not wait again for
// those that it waited for in vain: a conversation that hangs delays no other letter.
func (d *dispatcher) gather(ctx context.Context) {
	patience := time.NewTimer(gatherFor)
	defer patience.Stop()
	for d.underWay() > d.slow && wantMore(d.lanes, d.free) {
		select {
		case o := <-d.done:
			d.end(ctx, o)
		case <-patience.C:
			d.slow = d.underWay()
		case <-ctx.Done():
			return
		}
	}
}

func (d *dispatcher) underWay() int { return d.Senders - d.free }

// beginSet begins letters in one transaction, and has each sent at once. A letter that was left out, or all of them when
// the transaction failed, get a transaction of their own: one row that cannot be had holds up no other letter.
func (d *dispatcher) beginSet(ctx context.Context, set []Letter) {
	begun, left, err := d.Postman.begin(ctx, set, recovery.SkipLocked)
	if err != nil {
		left = set
	}
	for _, b := range begun {
		if b.dropped != nil {
			d.leave(result{letter: b.letter, contact: skipped})
			continue
		}
		d.work.Go(func() { d.deliver(ctx, b) })
	}
	for _, letter := range left {
		d.work.Go(func() {
			b, r, goes := d.beginAlone(ctx, letter)
			if !goes {
				d.leave(r)
				return
			}
			d.deliver(ctx, b)
		})
	}
}

// deliver sends a letter that was begun.
func (d *dispatcher) deliver(ctx context.Context, b beginning) {
	end, r := d.send(ctx, b)
	d.done <- outcome{r, &end}
}

// leave ends the work on a letter that was not sent.
func (d *dispatcher) leave(r result) {
	d.held.end(r.letter.ID)
	d.done <- outcome{result: r}
}
