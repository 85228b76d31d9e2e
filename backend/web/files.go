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
	contentType string
	caching     string
	tag         string // the ETag of the plain content, without quotes
	plain       []byte
	codings     []coding // the smallest first; none if the content is compressed already
}

// coding is a compressed form of a file. It comes from the build, or is made when a browser first asks for it.
type coding struct {
	name string
	body func() []byte
}

// loadFiles reads all files of the app into memory, by the path under which they are served. No part of a request is ever used
// as a path on disk (ASVS 5.3.2).
func loadFiles(app fs.FS) (map[string]*file, error) {
	files := map[string]*file{}
	err := fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		contentType, isServed := contentTypes[path.Ext(name)]
		if err != nil || !isServed {
			return err
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
	f := &file{contentType: contentType, caching: caching, plain: content}
	sum := sha256.Sum256(content)
	f.tag = hex.EncodeToString(sum[:8])
	if isCompressible(contentType) {
		f.codings = []coding{
			{"br", onDemand(br, func() []byte { return compress(content, newBrotli) })},
			{"gzip", onDemand(gz, func() []byte { return compress(content, newGzip) })},
		}
	}
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

// send answers with the smallest form that the browser accepts, or with 304 if the browser has it (RFC 9110, 13.1.2). Each form
// has its own ETag, because the bytes differ. An answer whose status is not 200 gets no ETag and is not cached.
func (f *file) send(c *fiber.Ctx, status int) {
	body, tag := f.plain, f.tag
	for _, coded := range f.codings {
		if acceptsEncoding(c, coded.name) {
			body, tag = coded.body(), f.tag+"-"+coded.name
			c.Set(fiber.HeaderContentEncoding, coded.name)
			break
		}
	}
	if len(f.codings) > 0 {
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	}
	c.Set(fiber.HeaderContentType, f.contentType)
	if status == fiber.StatusOK {
		c.Set(fiber.HeaderCacheControl, f.caching)
		c.Set(fiber.HeaderETag, `"`+tag+`"`)
		if matchesTag(c.Get(fiber.HeaderIfNoneMatch), tag) {
			c.Response().Header.Del(fiber.HeaderContentEncoding)
			c.Status(fiber.StatusNotModified)
			return
		}
	}
	c.Status(status)
	c.Response().SetBodyRaw(body)
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
