package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// takes names the members of a body, which is always one flat object of strings. A name that ends in ? may be
// missing.
type takes []string

// fields are the members of a body that was received, by their names.
type fields map[string]string

// read judges and takes apart the body of a request. Unmarshalling into a struct would let through what must not
// pass here: encoding/json matches names in any letter case and takes the last of two equal ones, so two readers of
// one request could see two members (CVE-2023-7028, CVE-2018-12421, CVE-2026-55207).
func (t takes) read(c *fiber.Ctx) (fields, error) {
	if !isJSON(c.Get(fiber.HeaderContentType)) || c.Get(fiber.HeaderContentEncoding) != "" {
		return nil, refuse(fiber.StatusUnsupportedMediaType, codeNotJSON)
	}
	received, err := t.decode(c.Request().Body())
	if err != nil {
		return nil, refuse(fiber.StatusBadRequest, codeMalformed)
	}
	return received, nil
}

// isJSON keeps out the types that a form on another site can send without asking first (ASVS 3.5.2).
func isJSON(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != fiber.MIMEApplicationJSON {
		return false
	}
	charset, given := parameters["charset"]
	return len(parameters) == 0 || len(parameters) == 1 && given && strings.EqualFold(charset, "utf-8")
}

var errMalformed = errors.New("not a flat JSON object of the expected strings")

func (t takes) decode(body []byte) (fields, error) {
	// The decoder would put U+FFFD in place of either, and so change a password.
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return nil, errMalformed
	}
	tokens := json.NewDecoder(bytes.NewReader(body))
	if opening, err := tokens.Token(); err != nil || opening != json.Delim('{') {
		return nil, errMalformed
	}
	received := fields{}
	for tokens.More() {
		name, value, err := nextMember(tokens)
		if err != nil || !t.knows(name) {
			return nil, errMalformed
		}
		if _, twice := received[name]; twice {
			return nil, errMalformed
		}
		received[name] = value
	}
	if _, err := tokens.Token(); err != nil { // the closing brace: More saw that nothing else can follow
		return nil, errMalformed
	}
	if _, err := tokens.Token(); !errors.Is(err, io.EOF) || !t.complete(received) {
		return nil, errMalformed
	}
	return received, nil
}

func nextMember(tokens *json.Decoder) (name, value string, err error) {
	first, err := tokens.Token()
	if err != nil {
		return "", "", errMalformed
	}
	second, err := tokens.Token()
	if err != nil {
		return "", "", errMalformed
	}
	name, isName := first.(string)
	value, isText := second.(string)
	if !isName || !isText {
		return "", "", errMalformed
	}
	return name, value, nil
}

func (t takes) knows(name string) bool {
	return !strings.HasSuffix(name, "?") && (slices.Contains(t, name) || slices.Contains(t, name+"?"))
}

func (t takes) complete(received fields) bool {
	for _, name := range t {
		if _, there := received[name]; !there && !strings.HasSuffix(name, "?") {
			return false
		}
	}
	return true
}

// hasLoneSurrogate finds an escape that is half a character.
func hasLoneSurrogate(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		high, escaped := unicodeEscape(body[i:])
		if !escaped || !utf16.IsSurrogate(high) {
			i++ // the escaped character, which may be a backslash itself
			continue
		}
		low, _ := unicodeEscape(body[i+6:])
		if utf16.DecodeRune(high, low) == utf8.RuneError {
			return true
		}
		i += 11
	}
	return false
}

// unicodeEscape reads the six characters \uXXXX.
func unicodeEscape(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	number, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(number), err == nil
}
