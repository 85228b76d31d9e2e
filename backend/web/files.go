package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
)

// contentTypes are the files that are served. A source map, or whatever else lies beside them, is not
// (ASVS 13.4.7).
var contentTypes = map[string]string{
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".svg":         "image/svg+xml",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".woff2":       "font/woff2",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
}

// How long browsers keep files: those under /assets/ have their content's hash in the name and never change, others
// are asked for anew each time.
const (
	keepForever = "public, max-age=31536000, immutable"
	askAnew     = "no-cache"
)

// file is one file of the built app, in memory.
type file struct {
	headers canonicalHeaders // of every answer
	tag     string           // of the content, without quotes
	plain   form
	codings []form // the better one first
}

// form is the plain content or a compressed one, which is made when it is first asked for unless the build made it.
type form struct {
	coding string // empty: plain
	tag    string // without quotes; each form has one of its own, since they are different bytes
	body   func() []byte

	caching, encoding canonicalHeaders
}

// loadFiles reads what the build left, by the address that it is served at. Nothing that a request says is ever part
// of a path on disk (ASVS 5.3.2).
func loadFiles(app fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		contentType, served := contentTypes[path.Ext(name)]
		if err != nil || !served {
			return err
		}
		content, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		caching := askAnew
		if strings.HasPrefix(name, "assets/") {
			caching = keepForever
		}
		files["/"+name] = newFile(contentType, caching, content, builtCoding(app, name+".br"), builtCoding(app, name+".gz"))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the app's files: %w", err)
	}
	return files, nil
}

// addLogo adds the operator's logo to the files, under a name that holds its content's hash as theirs do, and gives its
// address.
func addLogo(files map[string]*file, logo *Logo) string {
	f := newFile(contentTypes[logo.Extension], keepForever, logo.Content, nil, nil)
	address := "/assets/logo-" + f.tag + logo.Extension
	files[address] = f
	return address
}

// builtCoding is a compressed form that the build made, or nil.
func builtCoding(app fs.FS, name string) []byte {
	content, err := fs.ReadFile(app, name)
	if err != nil {
		return nil
	}
	return content
}

func newFile(contentType, caching string, content, br, gz []byte) *file {
	sum := sha256.Sum256(content)
	f := &file{tag: hex.EncodeToString(sum[:8])}
	f.plain = newForm("", f.tag, caching, func() []byte { return content })
	common := headers{{fiber.HeaderContentType, contentType}}
	if isWorthCoding(contentType) {
		common = append(common, header{fiber.HeaderVary, fiber.HeaderAcceptEncoding})
		f.codings = []form{
			newForm("br", f.tag, caching, madeOnce(br, func() []byte { return compress(content, newBrotli) })),
			newForm("gzip", f.tag, caching, madeOnce(gz, func() []byte { return compress(content, newGzip) })),
		}
	}
	f.headers = common.canonical()
	return f
}

func newForm(coding, tag, caching string, body func() []byte) form {
	f := form{coding: coding, tag: tag, body: body}
	if coding != "" {
		f.tag += "-" + coding
		f.encoding = headers{{fiber.HeaderContentEncoding, coding}}.canonical()
	}
	f.caching = headers{{fiber.HeaderCacheControl, caching}, {fiber.HeaderETag, `"` + f.tag + `"`}}.canonical()
	return f
}

func isWorthCoding(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || contentType == contentTypes[".svg"] ||
		contentType == contentTypes[".webmanifest"]
}

func madeOnce(built []byte, compress func() []byte) func() []byte {
	if built != nil {
		return func() []byte { return built }
	}
	return sync.OnceValue(compress)
}

// compressor is what brotli's and gzip's writers have in common.
type compressor interface {
	Write(text []byte) (int, error)
	Close() error
}

// Brotli's two highest levels, and its default window of 4 MB, take tens of megabytes; these are small files.
func newBrotli(to *bytes.Buffer) compressor {
	return brotli.NewWriterOptions(to, brotli.WriterOptions{Quality: 9, LGWin: 18})
}

func newGzip(to *bytes.Buffer) compressor { return gzip.NewWriter(to) }

func compress(content []byte, start func(*bytes.Buffer) compressor) []byte {
	var to bytes.Buffer
	writer := start(&to)
	_, err := writer.Write(content)
	if err = errors.Join(err, writer.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return to.Bytes()
}

func (f *file) serve(c *fiber.Ctx, _ fields) error {
	f.send(c, fiber.StatusOK)
	return nil
}

// send answers with the smallest form that the browser takes, or with 304 when it has that one (RFC 9110, 13.1.2). An answer
// that is no success is stored nowhere and has no tag.
func (f *file) send(c *fiber.Ctx, status int) {
	answer, chosen := &c.Response().Header, f.formFor(c)
	f.headers.setOn(answer)
	if status == fiber.StatusOK {
		chosen.caching.setOn(answer)
		if holds(c.Get(fiber.HeaderIfNoneMatch), chosen.tag) {
			c.Status(fiber.StatusNotModified)
			return
		}
	}
	chosen.encoding.setOn(answer)
	c.Status(status)
	sendBody(c.Context(), chosen.body())
}

func (f *file) formFor(c *fiber.Ctx) *form {
	for i := range f.codings {
		if acceptsEncoding(c, f.codings[i].coding) {
			return &f.codings[i]
		}
	}
	return &f.plain
}

// holds says whether an If-None-Match names the tag, which it may call weak.
func holds(ifNoneMatch, tag string) bool {
	for entry := range strings.SplitSeq(ifNoneMatch, ",") {
		entry = strings.TrimPrefix(strings.TrimSpace(entry), "W/")
		if entry == "*" || entry == `"`+tag+`"` {
			return true
		}
	}
	return false
}
