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

// bodyFields names the fields of a JSON body, which is always one flat object of strings. A field whose name ends in ? may
// be missing.
type bodyFields []string

// values holds the fields of a body that was received.
type values map[string]string

// read decodes and checks the body of a request.
//
// It does not unmarshal into a struct, because encoding/json ignores the case of names and takes the last of two equal ones.
// Two readers of such a request could see different values (CVE-2023-7028, CVE-2018-12421, CVE-2026-55207).
func (b bodyFields) read(c *fiber.Ctx) (values, error) {
	if !isJSON(c.Get(fiber.HeaderContentType)) || c.Get(fiber.HeaderContentEncoding) != "" {
		return nil, refuse(fiber.StatusUnsupportedMediaType, codeNotJSON)
	}
	received, err := b.decode(c.Request().Body())
	if err != nil {
		return nil, refuse(fiber.StatusBadRequest, codeMalformed)
	}
	return received, nil
}

// isJSON reports whether the body is JSON in UTF-8. A form on another site cannot send this type without a CORS preflight
// (ASVS 3.5.2).
func isJSON(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != fiber.MIMEApplicationJSON {
		return false
	}
	charset, given := parameters["charset"]
	return len(parameters) == 0 || len(parameters) == 1 && given && strings.EqualFold(charset, "utf-8")
}

var errMalformed = errors.New("not a flat JSON object of the expected strings")

func (b bodyFields) decode(body []byte) (values, error) {
	// The decoder would replace invalid characters by U+FFFD, and so change a password.
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return nil, errMalformed
	}
	tokens := json.NewDecoder(bytes.NewReader(body))
	if opening, err := tokens.Token(); err != nil || opening != json.Delim('{') {
		return nil, errMalformed
	}
	received := values{}
	for tokens.More() {
		name, value, err := nextField(tokens)
		if err != nil || !b.allows(name) {
			return nil, errMalformed
		}
		if _, twice := received[name]; twice {
			return nil, errMalformed
		}
		received[name] = value
	}
	if _, err := tokens.Token(); err != nil { // the closing brace, because More was false
		return nil, errMalformed
	}
	if _, err := tokens.Token(); !errors.Is(err, io.EOF) || !b.isComplete(received) {
		return nil, errMalformed
	}
	return received, nil
}

func nextField(tokens *json.Decoder) (name, value string, err error) {
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

// allows reports whether the body may have this field. The ? of an optional field is not part of its name.
func (b bodyFields) allows(name string) bool {
	return !strings.HasSuffix(name, "?") && (slices.Contains(b, name) || slices.Contains(b, name+"?"))
}

func (b bodyFields) isComplete(received values) bool {
	for _, name := range b {
		if _, found := received[name]; !found && !strings.HasSuffix(name, "?") {
			return false
		}
	}
	return true
}

// hasLoneSurrogate reports whether an escape such as \ud800 is half of a character, without the other half.
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
		i += 11 // both escapes, with the step of the loop
	}
	return false
}

// unicodeEscape parses an escape \uXXXX at the start of the text.
func unicodeEscape(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	number, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(number), err == nil
}
