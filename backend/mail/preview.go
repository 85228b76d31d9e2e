package mail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aikagi/backend/recovery"
)

// Preview writes every kind of letter in every language into a folder, as .html, .txt and .eml, with example data. It also
// writes an index.html that shows them all. The .eml files are what an [SMTP] with these settings would send. Preview
// makes the folder if there is none, and returns the paths of the files.
func Preview(w *Writer, settings SMTPSettings, dir string, lifetime time.Duration, now time.Time) ([]string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	var paths []string
	write := func(name string, content []byte) error {
		path := filepath.Join(dir, name)
		paths = append(paths, path)
		return os.WriteFile(path, content, 0o600)
	}
	var letters []galleryLetter
	for _, content := range examples(lifetime, now) {
		message, err := w.Write(content)
		if err != nil {
			return paths, fmt.Errorf("preview: %w", err)
		}
		raw, err := settings.compose(message)
		if err != nil {
			return paths, fmt.Errorf("preview: %w", err)
		}
		base := fmt.Sprintf("%s.%s", content.Kind, content.Language)
		letters = append(letters, newGalleryLetter(base, content.Language, message))
		err = errors.Join(write(base+".html", []byte(message.HTML)), write(base+".txt", []byte(message.Text)), write(base+".eml", raw))
		if err != nil {
			return paths, fmt.Errorf("preview: %w", err)
		}
	}
	page, err := gallery(letters)
	if err == nil {
		err = write("index.html", page)
	}
	if err != nil {
		return paths, fmt.Errorf("preview: %w", err)
	}
	return paths, nil
}

var kinds = recovery.LetterKinds()

// examples returns one content for every kind of letter in every language.
func examples(lifetime time.Duration, now time.Time) []Content {
	var contents []Content
	for _, kind := range kinds {
		for _, language := range []recovery.Language{recovery.Japanese, recovery.English} {
			contents = append(contents, Example(kind, language, lifetime, now))
		}
	}
	return contents
}

// Example returns the content of an example letter. Its temporary password and its links work nowhere.
func Example(kind recovery.LetterKind, language recovery.Language, lifetime time.Duration, now time.Time) Content {
	return Content{
		LetterID:          "EXAMPLE",
		Kind:              kind,
		Language:          language,
		To:                "abcd@xxx.mm-m.ne.jp",
		At:                now,
		TemporaryPassword: recovery.NewTemporaryPassword("Kd7mPw3xR"),
		ExpiresAt:         now.Add(lifetime),
		RecoveryID:        "EXAMPLEEXAMPLEEXAMPLEEXAMP",
		AskedAt:           now.Add(-time.Minute),
		Receipt:           "12345678",
		ChangedAt:         now,
		Disavowal:         recovery.NewDisavowalToken(strings.Repeat("EXAMPLE-", 9) + "EXAM"), // as long as with a key of keys new
	}
}
