// Package secret has the type that keeps passwords, tokens and keys out of logs.
//
// A [Value] prints as "[secret]" under every verb of fmt, in log/slog, and in JSON and the other text encodings. Only
// [Value.Reveal] returns what it holds. A package that needs a type of its own embeds a Value:
//
//	type Token struct{ secret.Value[string] }
package secret

import (
	"fmt"
	"log/slog"
)

// redacted is printed instead of any secret.
const redacted = "[secret]"

// Value holds a secret. The zero Value holds the zero T.
//
// A closure holds the secret, because fmt calls no method on a value in another struct's unexported field: it prints
// the fields instead, and follows a pointer to bytes. Of a func it prints the address.
type Value[T any] struct{ get func() T }

// New wraps a secret.
func New[T any](v T) Value[T] {
	return Value[T]{func() T { return v }}
}

// Reveal returns the secret. Review every call.
func (v Value[T]) Reveal() T {
	if v.get == nil {
		var zero T
		return zero
	}
	return v.get()
}

// String implements [fmt.Stringer].
func (Value[T]) String() string { return redacted }

// Format implements [fmt.Formatter]. Without it %#v and %d print the struct and ignore String.
func (Value[T]) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// LogValue implements [slog.LogValuer].
func (Value[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler], which encoding/json uses too.
func (Value[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }
