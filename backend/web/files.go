package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
)

// contentTypes holds the types of the files that are served, by extension. Other files, such as source maps, are not served
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

// Values of Cache-Control. Files under /assets/ have the hash of their content in the name, so they never change. Browsers
// revalidate all other files each time.
const (
	cacheForever = "public, max-age=31536000, immutable"
	revalidate   = "no-cache"
)

// file is one file of the built app, in memory.
type file struct {
	headers canonicalHeaders // of every answer
	tag     string           // the hash of the plain content
	plain   form
	codings []form // compressed forms, the smallest first; none if the content is compressed already
}

// form is the plain content of a file or a compressed form. A compressed form comes from the build, or is made when a browser
// first asks for it.
type form struct {
	coding string // the content coding, such as gzip; empty for the plain content
	tag    string // the ETag without quotes; each form has its own, because the bytes differ
	body   func() []byte

	caching  canonicalHeaders // of an answer with status 200 or 304
	encoding canonicalHeaders // of an answer with a body
}

// loadFiles reads all files of the app into memory, by the path under which they are served. No part of a request is ever used
// as a path on disk (ASVS 5.3.2).
func loadFiles(app fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the app was not built
		}
		if err != nil || entry.IsDir() {
			return err
		}
		contentType, isServed := contentTypes[path.Ext(name)]
		if !isServed {
			return nil
		}
		content, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		caching := revalidate
		if strings.HasPrefix(name, "assets/") {
			caching = cacheForever
		}
		files["/"+name] = newFile(contentType, caching, content, builtCoding(app, name+".br"), builtCoding(app, name+".gz"))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the app's files: %w", err)
	}
	return files, nil
}

// addLogo adds the operator's logo to the files and returns its path. The name holds the hash of the content.
func addLogo(files map[string]*file, logo *Logo) (path string) {
	f := newFile(contentTypes[logo.Extension], cacheForever, logo.Content, nil, nil)
	path = "/assets/logo-" + f.tag + logo.Extension
	files[path] = f
	return path
}

// builtCoding returns a compressed form that the build made, or nil.
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
	if isCompressible(contentType) {
		common = append(common, header{fiber.HeaderVary, fiber.HeaderAcceptEncoding})
		f.codings = []form{
			newForm("br", f.tag, caching, onDemand(br, func() []byte { return compress(content, newBrotli) })),
			newForm("gzip", f.tag, caching, onDemand(gz, func() []byte { return compress(content, newGzip) })),
		}
	}
	f.headers = common.canonical()
	return f
}

// newForm returns a form of a file. tag is that of the file.
func newForm(coding, tag, caching string, body func() []byte) form {
	f := form{coding: coding, tag: tag, body: body}
	if coding != "" {
		f.tag += "-" + coding
		f.encoding = headers{{fiber.HeaderContentEncoding, coding}}.canonical()
	}
	f.caching = headers{{fiber.HeaderCacheControl, caching}, {fiber.HeaderETag, `"` + f.tag + `"`}}.canonical()
	return f
}

func isCompressible(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || contentType == contentTypes[".svg"] ||
		contentType == contentTypes[".webmanifest"]
}

// onDemand returns the built form if there is one. Otherwise it compresses at the first call.
func onDemand(built []byte, compress func() []byte) func() []byte {
	if built != nil {
		return func() []byte { return built }
	}
	return sync.OnceValue(compress)
}

// newBrotli avoids the two highest levels and the default window of 4 MB, which need tens of megabytes of memory. The files
// are small.
func newBrotli(to *bytes.Buffer) io.WriteCloser {
	return brotli.NewWriterOptions(to, brotli.WriterOptions{Quality: 9, LGWin: 18})
}

func newGzip(to *bytes.Buffer) io.WriteCloser { return gzip.NewWriter(to) }

func compress(content []byte, newWriter func(*bytes.Buffer) io.WriteCloser) []byte {
	var to bytes.Buffer
	writer := newWriter(&to)
	_, err := writer.Write(content)
	if err = errors.Join(err, writer.Close()); err != nil {
		panic(err) // writing to a buffer does not fail
	}
	return to.Bytes()
}

func (f *file) serve(c *fiber.Ctx, _ values) error {
	f.send(c, fiber.StatusOK)
	return nil
}

// send answers with the smallest form that the browser accepts, or with 304 if the browser has it (RFC 9110, 13.1.2). An answer
// whose status is not 200 gets no ETag and is not cached.
func (f *file) send(c *fiber.Ctx, status int) {
	header, chosen := &c.Response().Header, f.formFor(c)
	f.headers.setOn(header)
	if status == fiber.StatusOK {
		chosen.caching.setOn(header)
		if matchesTag(c.Get(fiber.HeaderIfNoneMatch), chosen.tag) {
			c.Status(fiber.StatusNotModified)
			return
		}
	}
	chosen.encoding.setOn(header)
	c.Status(status)
	sendBody(c.Context(), chosen.body())
}

// formFor returns the smallest form that the browser accepts.
func (f *file) formFor(c *fiber.Ctx) *form {
	for i := range f.codings {
		if acceptsEncoding(c, f.codings[i].coding) {
			return &f.codings[i]
		}
	}
	return &f.plain
}

// matchesTag reports whether If-None-Match holds the tag. A weak tag matches too.
func matchesTag(ifNoneMatch, tag string) bool {
	for entry := range strings.SplitSeq(ifNoneMatch, ",") {
		entry = strings.TrimPrefix(strings.TrimSpace(entry), "W/")
		if entry == "*" || entry == `"`+tag+`"` {
			return true
		}
	}
	return false
}
