package config

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
)

// maxLogo is the size of the largest logo in bytes. The first page, which loads the logo, has 30,000 bytes without it.
const maxLogo = 20_000

// Logo is the image that pages show instead of the service's name. It is empty if it is not set.
type Logo struct {
	Path    string
	Content []byte
}

// Extension returns .svg or .png.
func (l Logo) Extension() string { return filepath.Ext(l.Path) }

// logoForms holds a function for each extension, which reports whether a file's content is such an image.
var logoForms = map[string]func(content []byte) bool{".svg": isSVG, ".png": isPNG}

func parseLogoPath(text string) (Logo, error) {
	logo := Logo{Path: text}
	if logoForms[logo.Extension()] == nil {
		return Logo{}, errors.New("ends neither in .svg nor in .png")
	}
	return logo, nil
}

// read reads and checks the content.
func (l *Logo) read() error {
	file, err := os.Open(l.Path)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxLogo+1))
	switch {
	case err != nil:
		return fmt.Errorf("cannot be read: %w", err)
	case len(content) > maxLogo:
		return fmt.Errorf("is larger than %d bytes", maxLogo)
	case !logoForms[l.Extension()](content):
		return errors.New("holds no such picture as its name says")
	}
	l.Content = content
	return nil
}

func isPNG(content []byte) bool {
	_, err := png.DecodeConfig(bytes.NewReader(content))
	return err == nil
}

// isSVG reports whether the content is XML with the root element svg in the namespace of SVG. Browsers require the
// namespace.
func isSVG(content []byte) bool {
	root := ""
	for decoder := xml.NewDecoder(bytes.NewReader(content)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root == "http://www.w3.org/2000/svg svg"
		}
		if err != nil {
			return false
		}
		if start, is := token.(xml.StartElement); is && root == "" {
			root = start.Name.Space + " " + start.Name.Local
		}
	}
}
