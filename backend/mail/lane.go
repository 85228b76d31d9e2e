package mail

// lane is the queue of one priority: letters that a [Postman] has claimed and not begun. Temporary passwords and notices
// have separate lanes, so that no temporary password waits behind notices.
type lane struct {
	priority    Priority
	queue       []Letter
	senders     int  // the most letters of this lane that may be under way
	sending     int  // letters of this lane that are under way
	mayHaveMore bool // there may be more to claim
}

func newLanes(senders int) []*lane {
	var all []*lane
	for _, priority := range Priorities() {
		l := &lane{priority: priority, senders: senders}
		if priority != TemporaryPasswords {
			l.senders -= senders / reservedShare
		}
		all = append(all, l)
	}
	return all
}

// takeLetters takes at most limit letters out of the queues, from earlier lanes first. It takes none from a lane while an
// earlier lane has letters.
func takeLetters(lanes []*lane, limit int) (letters []Letter) {
	for _, l := range lanes {
		n := max(0, min(limit-len(letters), l.senders-l.sending, len(l.queue)))
		letters = append(letters, l.queue[:n]...)
		l.queue = l.queue[n:]
		l.sending += n
		if len(l.queue) > 0 {
			break
		}
	}
	return letters
}

// shouldGather reports whether it helps to wait for more free senders. It looks at the first lane that has letters:
// takeLetters would take some of them now, but not all.
func shouldGather(lanes []*lane, free int) bool {
	for _, l := range lanes {
		if len(l.queue) > 0 {
			n := min(free, l.senders-l.sending)
			return 0 < n && n < len(l.queue)
		}
	}
	return false
}

// queued counts the letters in the queues.
func queued(lanes []*lane) (letters int) {
	for _, l := range lanes {
		letters += len(l.queue)
	}
	return letters
}

// emptyQueues empties the queues and returns their letters.
func emptyQueues(lanes []*lane) (letters []Letter) {
	for _, l := range lanes {
		letters = append(letters, l.queue...)
		l.queue = nil
	}
	return letters
}
