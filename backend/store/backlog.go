package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// Backlog is the work that waits for the resolver and the Postman of any server.
type Backlog struct {
	Unresolved Waiting // asks, since they began to wait
	Letters    map[recovery.LetterKind]Waiting
}

// Waiting is how much waits, and since when the oldest does: the zero time when nothing waits.
type Waiting struct {
	Count  int
	Oldest time.Time
}

// Backlog counts what waits. What it reads are ranges of two indexes that hold waiting rows only, so its cost follows the
// backlog and not the size of the tables.
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
	Oldest  sql.NullString // SQLite knows no type of an aggregate: its times come as text
}

func (r waitingRow) read() (Waiting, error) {
	if !r.Oldest.Valid {
		return Waiting{}, nil
	}
	oldest, err := readTime(r.Oldest.String)
	return Waiting{r.Waiting, oldest}, err
}

// readTime reads a time as database/sql writes one into text (RFC 3339), or as SQLite keeps it.
func readTime(text string) (time.Time, error) {
	read, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		read, err = time.Parse("2006-01-02 15:04:05.999999999Z07:00", text)
	}
	return read.UTC(), err
}

// Pools are the pools of connections by name, for what watches them. MySQL has one; SQLite has one for its writer and one
// for readers.
func (s *Store) Pools() (map[string]*sql.DB, error) {
	write, err := s.q.write.DB()
	if err != nil {
		return nil, fmt.Errorf("the database's pool: %w", err)
	}
	if s.dialect != SQLite {
		return map[string]*sql.DB{"database": write}, nil
	}
	read, err := s.q.read.DB()
	if err != nil {
		return nil, fmt.Errorf("the database's pool: %w", err)
	}
	return map[string]*sql.DB{"database_read": read, "database_write": write}, nil
}
