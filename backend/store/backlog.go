package store

import (
	"context"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Backlog is the work that waits for the resolvers and Postmen of all servers.
type Backlog struct {
	Unresolved Waiting // asks, since they began to wait
	Letters    map[recovery.LetterKind]Waiting
}

// maxCounted bounds the rows that one count reads. While the mail server is away for days, every letter of these days waits,
// and each server counts every few seconds.
const maxCounted = 10_000

// Waiting is how many rows wait, and since when the oldest does; the zero time if none waits.
type Waiting struct {
	Count  int
	Oldest time.Time
}

// Backlog counts the work that waits. It reads ranges of two indexes that have waiting rows only. It reads at most maxCounted
// unresolved asks, and at most maxCounted letters of each priority: those that are due first.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) { return s.backlog(ctx, maxCounted) }

func (s *Store) backlog(ctx context.Context, atMost int) (Backlog, error) {
	read := s.q.read.WithContext(ctx)
	found := Backlog{Letters: make(map[recovery.LetterKind]Waiting)}
	var since []time.Time
	err := read.Table("recoveries").Where("unresolved_since IS NOT NULL").Order("unresolved_since").Limit(atMost).
		Pluck("unresolved_since", &since).Error
	if err != nil {
		return Backlog{}, fmt.Errorf("count unresolved asks: %w", err)
	}
	for _, at := range since {
		found.Unresolved.add(at)
	}
	for _, priority := range mail.Priorities() {
		var letters []letterRow
		err := read.Select("kind", "created_at").Where("state = ? AND priority = ?", string(mail.Waiting), int(priority)).
			Order("due_at").Limit(atMost).Find(&letters).Error
		if err != nil {
			return Backlog{}, fmt.Errorf("count waiting letters: %w", err)
		}
		for _, letter := range letters {
			waiting := found.Letters[recovery.LetterKind(letter.Kind)]
			waiting.add(letter.CreatedAt)
			found.Letters[recovery.LetterKind(letter.Kind)] = waiting
		}
	}
	return found, nil
}

// add adds a row that has waited since a time.
func (w *Waiting) add(since time.Time) {
	if w.Count == 0 || since.Before(w.Oldest) {
		w.Oldest = since
	}
	w.Count++
}
