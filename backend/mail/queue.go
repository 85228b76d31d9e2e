package mail

import "slices"

// queue holds the letters that wait for a connection, in the order of their priorities.
type queue []waiter

// waiter is a letter that waits for a connection.
type waiter struct {
	priority Priority
	turn     chan turn
}

// turn ends the wait of a letter, with a connection or an error.
type turn struct {
	c   *conversation
	err error
}

// join adds a letter behind all others of its priority.
func (q *queue) join(priority Priority) chan turn {
	return q.insert(priority, func(w waiter) bool { return w.priority > priority })
}

// rejoin adds a letter before all others of its priority, because it has waited before.
func (q *queue) rejoin(priority Priority) chan turn {
	return q.insert(priority, func(w waiter) bool { return w.priority >= priority })
}

// insert adds a letter before the first one for which isLater is true.
func (q *queue) insert(priority Priority, isLater func(waiter) bool) chan turn {
	at := slices.IndexFunc(*q, isLater)
	if at < 0 {
		at = len(*q)
	}
	mine := make(chan turn, 1)
	*q = slices.Insert(*q, at, waiter{priority, mine})
	return mine
}

// mayPass reports whether no letter of a higher priority waits.
func (q queue) mayPass(priority Priority) bool { return len(q) == 0 || q[0].priority >= priority }

// leave removes a letter. It returns false if its turn has come already.
func (q *queue) leave(mine chan turn) bool {
	at := slices.IndexFunc(*q, func(w waiter) bool { return w.turn == mine })
	if at < 0 {
		return false
	}
	*q = slices.Delete(*q, at, at+1)
	return true
}

// next ends the first wait. It returns false if no letter waits.
func (q *queue) next(t turn) bool {
	if len(*q) == 0 {
		return false
	}
	(*q)[0].turn <- t
	*q = slices.Delete(*q, 0, 1)
	return true
}

// end ends all waits with an error.
func (q *queue) end(err error) {
	for q.next(turn{err: err}) {
	}
}
