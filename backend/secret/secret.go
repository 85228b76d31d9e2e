// Package secret has the type that keeps passwords, tokens and keys out of logs.
//
// A [Value] prints as the word "secret" in brackets under every verb of fmt, in log/slog, and in JSON and the other text
// encodings. Only [Value.Reveal] returns what it holds. A package that needs a type of its own embeds a Value:
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
// A closure holds the secret, because fmt calls no method on a value in another struct's unexported field. It prints the
// value's fields instead, and even the bytes behind a pointer, but only the address of a func.
type Value[T any] struct{ get func() T }

// New wraps a secret.
func New[T any](v T) Value[T] {
	return Value[T]{func() T { return v }}
}

// Reveal returns the secret. A reviewer should look at every call.
func (v Value[T]) Reveal() T {
	if v.get == nil {
		var zero T
		return zero
	}
	return v.get()
}

// String returns the redaction.
func (Value[T]) String() string { return redacted }

// Format writes the redaction under every verb. Without it %#v and %d print the struct and ignore String.
func (Value[T]) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(redacted)) }

// LogValue makes slog write the redaction.
func (Value[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes JSON and the other text encodings hold the redaction.
func (Value[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }
