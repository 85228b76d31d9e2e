package mail

// lane holds the letters of one priority that a Postman has claimed and not begun. Letters with temporary passwords and
// notices have lanes of their own, so that no number of waiting notices stands before a temporary password.
type lane struct {
	priority Priority
	queue    []Letter
	senders  int  // that may have letters of this lane at a time
	sending  int  // letters of this lane that senders have
	more     bool // there may be more to claim
}

func newLanes(senders int) []*lane {
	var all []*lane
	for _, priority := range Priorities() {
		l := &lane{priority: priority, senders: senders}
		if priority != TemporaryPasswords {
			l.senders -= senders / reservedEvery
		}
		all = append(all, l)
	}
	return all
}

// take takes letters out of the queues, at most so many, and those of earlier lanes first. Letters of a lane are not taken
// while an earlier lane has some.
func take(lanes []*lane, most int) (letters []Letter) {
	for _, l := range lanes {
		n := max(0, min(most-len(letters), l.senders-l.sending, len(l.queue)))
		letters = append(letters, l.queue[:n]...)
		l.queue = l.queue[n:]
		l.sending += n
		if len(l.queue) > 0 {
			break
		}
	}
	return letters
}

// wantMore says that take would give some letters of the first lane that has any, and more of them if more senders were
// free.
func wantMore(lanes []*lane, free int) bool {
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

// unbegun empties the queues.
func unbegun(lanes []*lane) (letters []Letter) {
	for _, l := range lanes {
		letters = append(letters, l.queue...)
		l.queue = nil
	}
	return letters
}
