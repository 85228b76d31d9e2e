package testkit

import (
	"context"
	"sync"

	"aikagi/backend/mail"
)

// Outbox is a mail.Transport that keeps all letters, unless Answer refuses them.
type Outbox struct {
	mu       sync.Mutex
	messages []mail.Message
	// Answer returns the error of Send for a letter. Optional: nil accepts every letter.
	Answer func(mail.Message) error
}

// Send keeps a letter, or returns the error of Answer.
func (o *Outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Answer != nil {
		if err := o.Answer(m); err != nil {
			return err
		}
	}
	o.messages = append(o.messages, m)
	return nil
}

// Check always succeeds.
func (*Outbox) Check(context.Context) error { return nil }

// Close does nothing.
func (*Outbox) Close() error { return nil }

// Messages returns all letters that were accepted so far, the oldest first.
func (o *Outbox) Messages() []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]mail.Message(nil), o.messages...)
}
