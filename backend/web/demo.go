package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/mail"
)

//go:embed mailbox.html
var mailboxTemplate string

//go:embed mailbox.css
var mailboxStyle []byte

var mailboxPage = template.Must(template.New("mailbox").Parse(mailboxTemplate))

const (
	// mailboxCSP lets the mailbox page show letters in frames.
	mailboxCSP = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	// letterCSP is for the HTML of a letter, whose styles are inline because mail programs require it. It runs no script, and
	// its links open outside the frame.
	letterCSP = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'self'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; " +
		"sandbox allow-popups allow-popups-to-escape-sandbox"
)

// shownLetter is a letter on the mailbox page.
type shownLetter struct {
	mail.Kept
	At   string
	Name string
}

// onlyInDemo returns a handler that finds nothing outside demo mode.
func (s *Server) onlyInDemo(handle func(*fiber.Ctx, values) error) func(*fiber.Ctx, values) error {
	if s.Demo {
		return handle
	}
	return func(*fiber.Ctx, values) error { return fiber.ErrNotFound }
}

func (s *Server) getDemoMailbox(c *fiber.Ctx, _ values) error {
	var letters []shownLetter
	for _, kept := range s.Mailbox.Letters() {
		letters = append(letters, shownLetter{kept, kept.At.Format("2006-01-02 15:04:05 MST"), letterName(kept)})
	}
	var page bytes.Buffer
	if err := mailboxPage.Execute(&page, letters); err != nil {
		return fmt.Errorf("write the mailbox page: %w", err)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, mailboxCSP)
	c.Set(fiber.HeaderContentType, htmlType)
	return c.Send(page.Bytes())
}

func (*Server) getDemoMailboxStyle(c *fiber.Ctx, _ values) error {
	c.Set(fiber.HeaderContentType, contentTypes[".css"])
	return c.Send(mailboxStyle)
}

func (s *Server) getDemoLetters(c *fiber.Ctx, _ values) error {
	return c.JSON(s.Mailbox.Letters())
}

// getDemoLetter returns the HTML of one letter, for the frame on the mailbox page.
func (s *Server) getDemoLetter(c *fiber.Ctx, _ values) error {
	for _, kept := range s.Mailbox.Letters() {
		if letterName(kept) == c.Params("letter") {
			c.Set(fiber.HeaderContentSecurityPolicy, letterCSP)
			c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
			c.Set(fiber.HeaderContentType, htmlType)
			// Links open in a new tab, as in a mail program, because the app refuses to be framed.
			return c.SendString(strings.Replace(kept.HTML, "<head>", `<head><base target="_blank">`, 1))
		}
	}
	return fiber.ErrNotFound
}

// letterName returns the name of a letter in paths. It depends only on the HTML, so that it stays when other letters come.
func letterName(kept mail.Kept) string {
	sum := sha256.Sum256([]byte(kept.HTML))
	return hex.EncodeToString(sum[:8]) + ".html"
}
