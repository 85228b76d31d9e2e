package mail

// lane holds the letters of one priority that a Postman has claimed and not begun. Letters with temporary passwords and
// notices have lanes of their own, so that no number of waiting notices stands before a temporary password.
type lane struct {
	priority Priority
	// out leads to the senders that may take letters of this priority.
	out   chan Letter
	queue []Letter
	held  int  // letters in the queue and under way
	more  bool // there may be more to claim
}

func newLanes() []*lane {
	var all []*lane
	for _, priority := range Priorities() {
		all = append(all, &lane{priority: priority, out: make(chan Letter)})
	}
	return all
}

// offer is the letter to hand over next, and the lane that it is in; nil when there is none.
func offer(lanes []*lane) (l *lane, next Letter, out chan<- Letter) {
	for _, l := range lanes {
		if len(l.queue) > 0 {
			return l, l.queue[0], l.out
		}
	}
	return nil, Letter{}, nil
}

// unbegun empties the queues.
func unbegun(lanes []*lane) (letters []Letter) {
	for _, l := range lanes {
		letters = append(letters, l.queue...)
		l.held -= len(l.queue)
		l.queue = nil
	}
	return letters
}
