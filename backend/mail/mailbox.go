package mail

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxKept bounds the memory of a mailbox: a letter has less than 20 KB.
const maxKept = 200

// Kept is a letter in a [Mailbox].
type Kept struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"`
}

// Mailbox is the [Transport] of demo mode. It delivers nothing and keeps the latest letters in memory. Make it with
// [NewMailbox].
type Mailbox struct {
	mu   sync.Mutex
	kept []Kept // oldest first
}

// NewMailbox makes an empty Mailbox.
func NewMailbox() *Mailbox { return &Mailbox{} }

// Send keeps the letter, and deletes the oldest one if there are too many.
func (b *Mailbox) Send(_ context.Context, m Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) == maxKept {
		b.kept = slices.Delete(b.kept, 0, 1)
	}
	b.kept = append(b.kept, Kept{To: string(m.To), Subject: m.Subject, Text: m.Text, HTML: m.HTML, At: m.Date})
	return nil
}

// Letters returns the letters, newest first; never nil.
func (b *Mailbox) Letters() []Kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := make([]Kept, len(b.kept))
	copy(letters, b.kept)
	slices.Reverse(letters)
	return letters
}

// Check always succeeds.
func (*Mailbox) Check(context.Context) error { return nil }

// Close does nothing. The letters can still be read.
func (*Mailbox) Close() error { return nil }
