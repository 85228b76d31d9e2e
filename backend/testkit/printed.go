package testkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// outer holds a value in unexported fields, where fmt does not call its methods.
type outer[T any] struct {
	hidden T
	list   []T
	named  map[string]T
}

// WantUnprintable fails the test if fmt, slog or JSON shows one of these secrets of the value. It prints the value alone, in an
// exported field, and in an unexported field, where fmt calls neither String nor Format.
func WantUnprintable[T any](t *testing.T, value T, secrets ...string) {
	t.Helper()
	within := outer[T]{value, []T{value}, map[string]T{"value": value}}
	forms := []any{value, &value, struct{ Shown T }{value}, within, &within, []any{value}}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, form := range forms {
			fmt.Fprintf(&printed, verb+"\n", form)
		}
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&printed, nil), slog.NewTextHandler(&printed, nil)} {
		for _, form := range forms {
			slog.New(handler).Info("value", "form", form)
		}
	}
	for _, form := range forms {
		if err := json.NewEncoder(&printed).Encode(form); err != nil {
			t.Fatal(err)
		}
	}
	for _, secret := range secrets {
		if secret == "" {
			t.Fatal("every text contains an empty secret")
		}
		for _, form := range shapes(secret) {
			if strings.Contains(printed.String(), form) {
				t.Errorf("%T prints %q", value, form)
			}
		}
	}
}

// shapes returns the forms in which fmt writes text or bytes.
func shapes(secret string) []string {
	raw := []byte(secret)
	return slices.Compact([]string{
		secret, fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), strings.Trim(fmt.Sprint(raw), "[]"),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", raw), "[]byte{"), "}"),
	})
}
