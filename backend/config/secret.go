package config

import (
	"fmt"
	"log/slog"
)

// Secret is a value that does not print: only Reveal gives it. It lies in a func, because fmt calls no method of a value
// in another's unexported field, and follows pointers to bytes; of a func it prints the address.
type Secret[T any] struct{ value func() T }

// NewSecret wraps a value.
func NewSecret[T any](value T) Secret[T] {
	return Secret[T]{func() T { return value }}
}

// Reveal gives the value. Each call is a place to look at in review.
func (s Secret[T]) Reveal() T {
	if s.value == nil {
		var none T
		return none
	}
	return s.value()
}

const redacted = "[secret]"

// String redacts.
func (Secret[T]) String() string { return redacted }

// Format redacts in fmt under every verb: %#v and %d would look into the struct past String.
func (Secret[T]) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// LogValue redacts in slog.
func (Secret[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText redacts in JSON and in every other text encoding.
func (Secret[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }
