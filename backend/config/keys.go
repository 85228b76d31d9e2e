package config

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"aikagi/backend/secret"
)

// Key is a named key from which temporary passwords and other secrets are derived.
type Key struct {
	Name   string
	Secret secret.Value[[]byte]
}

// minKey is the length of the shortest key in bytes, the strength of HMAC-SHA-256. Package recovery has the same bound.
const minKey = 32

// KeyName describes what IsKeyName accepts.
const KeyName = "1 to 32 of a-z 0-9 -"

var keyName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// IsKeyName reports whether the setting KEYS accepts a key with this name.
func IsKeyName(name string) bool { return keyName.MatchString(name) }

// parseKeys reads entries of the form name:base64, separated by commas or line breaks. Its errors give the number of an
// entry instead of its text.
func parseKeys(text string) ([]Key, error) {
	var keys []Key
	named := make(map[string]bool)
	entries := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' })
	for i, entry := range entries {
		key, err := parseKey(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("has an entry (number %d) %w", i+1, err)
		}
		if named[key.Name] {
			return nil, fmt.Errorf("has an entry (number %d) with the name of an earlier one", i+1)
		}
		named[key.Name] = true
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("holds no key")
	}
	return keys, nil
}

func parseKey(entry string) (Key, error) {
	name, encoded, found := strings.Cut(entry, ":")
	if !found {
		return Key{}, errors.New("without a colon between name and base64")
	}
	if !IsKeyName(name) {
		return Key{}, errors.New("whose name is not " + KeyName)
	}
	// Accept both alphabets of base64, with or without padding.
	encoded = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(encoded, "="))
	content, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return Key{}, errors.New("that is not base64 after the colon")
	}
	if len(content) < minKey {
		return Key{}, fmt.Errorf("of %d bytes, which must be at least %d", len(content), minKey)
	}
	if bytes.Count(content, content[:1]) == len(content) {
		return Key{}, errors.New("of one repeated byte, which anybody can guess")
	}
	return Key{Name: name, Secret: secret.New(content)}, nil
}
