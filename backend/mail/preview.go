package mail

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aikagi/backend/recovery"
)

// Preview writes every kind of letter in every language into a folder, as .html, .txt and .eml, with example data, and
// an index.html that shows them all. It makes the folder where there is none, and gives the paths that it wrote.
func Preview(w *Writer, dir string, now time.Time) ([]string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	var paths []string
	write := func(name string, content []byte) error {
		path := filepath.Join(dir, name)
		paths = append(paths, path)
		return os.WriteFile(path, content, 0o600)
	}
	var letters []shown
	for _, content := range examples(now) {
		message, err := w.Write(content)
		if err != nil {
			return paths, fmt.Errorf("preview: %w", err)
		}
		raw, err := compose(w.from(content.Language), message)
		if err != nil {
			return paths, fmt.Errorf("preview: %w", err)
		}
		base := fmt.Sprintf("%s.%s", content.Kind, content.Language)
		letters = append(letters, show(base, content.Language, message))
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

// kinds are all kinds of letter.
var kinds = []recovery.LetterKind{
	recovery.TemporaryPasswordLetter, recovery.PasswordChangedNotice, recovery.NewAddressNotice, recovery.FormerAddressNotice,
}

// examples gives one content for every kind of letter in every language.
func examples(now time.Time) []Content {
	var contents []Content
	for _, kind := range kinds {
		for _, language := range []recovery.Language{recovery.Japanese, recovery.English} {
			contents = append(contents, Content{
				LetterID:          "EXAMPLE",
				Kind:              kind,
				Language:          language,
				To:                "abcd@xxx.mm-m.ne.jp",
				At:                now,
				TemporaryPassword: recovery.NewTemporaryPassword("Kd7mPw3xR"),
				ExpiresAt:         now.Add(time.Hour),
				RecoveryID:        "EXAMPLEEXAMPLEEXAMPLEEXAMP",
				Receipt:           "12345678",
				ChangedAt:         now,
				Disavowal:         recovery.NewDisavowalToken("EXAMPLE" + strings.Repeat("-EXAMPLE", 7)),
			})
		}
	}
	return contents
}

// from is the sender of previewed letters; the real one is a setting of the SMTP transport.
func (w *Writer) from(language recovery.Language) netmail.Address {
	address := w.brand.Sender
	if address == "" {
		address = "sender@" + w.domain
	}
	return netmail.Address{Name: oneLine(w.brand.In(language).Name), Address: address}
}
