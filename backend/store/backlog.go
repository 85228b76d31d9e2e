package store

import (
	"context"
	"database/sql"
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

// Waiting is how many rows wait, and since when the oldest does; the zero time if none waits.
type Waiting struct {
	Count  int
	Oldest time.Time
}

// Backlog counts the work that waits. It reads ranges of two indexes that have waiting rows only, so its cost depends
// on the backlog, not on the size of the tables.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	read := s.q.read.WithContext(ctx)
	found := Backlog{Letters: make(map[recovery.LetterKind]Waiting)}
	var asks waitingRow
	err := read.Raw(`SELECT COUNT(*) AS waiting, MIN(unresolved_since) AS oldest FROM recoveries WHERE unresolved_since IS NOT NULL`).Scan(&asks).Error
	if err != nil {
		return Backlog{}, fmt.Errorf("count unresolved asks: %w", err)
	}
	if found.Unresolved, err = asks.read(); err != nil {
		return Backlog{}, fmt.Errorf("count unresolved asks: %w", err)
	}
	var letters []waitingRow
	err = read.Raw(`SELECT kind, COUNT(*) AS waiting, MIN(created_at) AS oldest FROM letters WHERE state = ? GROUP BY kind`, string(mail.Waiting)).
		Scan(&letters).Error
	for _, row := range letters {
		if err == nil {
			found.Letters[recovery.LetterKind(row.Kind)], err = row.read()
		}
	}
	if err != nil {
		return Backlog{}, fmt.Errorf("count waiting letters: %w", err)
	}
	return found, nil
}

type waitingRow struct {
	Kind    string
	Waiting int
	Oldest  sql.NullString // SQLite has no type for an aggregate, so times come as text
}

func (r waitingRow) read() (Waiting, error) {
	if !r.Oldest.Valid {
		return Waiting{}, nil
	}
	oldest, err := readTime(r.Oldest.String)
	return Waiting{r.Waiting, oldest}, err
}

// readTime parses a time as database/sql writes it into text (RFC 3339) or as SQLite stores it.
func readTime(text string) (time.Time, error) {
	read, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		read, err = time.Parse("2006-01-02 15:04:05.999999999Z07:00", text)
	}
	return read.UTC(), err
}
