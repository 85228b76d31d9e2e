package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// maxRecord bounds one record in bytes, so that a quotation mark that is never closed does not read the rest of a large
// file into memory.
const maxRecord = 64 << 10

// errUnreadable marks errors of the disk or the pipe: another reading of the file may succeed. Errors about the content are not
// marked: each reading finds them again.
var errUnreadable = errors.New("the file cannot be read")

var errLongRecord = fmt.Errorf("it is over %d KiB; is a quotation mark not closed?", maxRecord>>10)

// recordBound is a reader that fails if one record takes more than maxRecord bytes. It returns its first error again at each
// later call, because the CSV reader would otherwise go on in the middle of a line.
type recordBound struct {
	from   io.Reader
	left   int
	failed error

	hasCR, hasLF bool // whether the part read so far has one
}

// startRecord is called before each record.
func (b *recordBound) startRecord() { b.left = maxRecord }

func (b *recordBound) Read(p []byte) (n int, err error) {
	if b.left <= 0 && b.failed == nil {
		b.failed = errLongRecord
		if b.hasCR && !b.hasLF {
			b.failed = errLoneCR
		}
	}
	if b.failed != nil {
		return 0, b.failed
	}
	n, err = b.from.Read(p[:min(len(p), b.left)])
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errUnreadable, err)
	}
	b.failed = err
	b.left -= n
	b.hasCR = b.hasCR || bytes.ContainsRune(p[:n], '\r')
	b.hasLF = b.hasLF || bytes.ContainsRune(p[:n], '\n')
	return n, err
}

// decoded decodes the file to UTF-8 and removes the byte order mark that Windows programs write.
func decoded(r io.Reader, encoding string) (*recordBound, error) {
	buffered := bufio.NewReaderSize(r, maxRecord)
	start, err := buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	bounded := &recordBound{from: buffered, left: maxRecord}
	isUTF8 := bytes.Equal(start, []byte("\uFEFF"))
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, errUTF16
	case isUTF8 && encoding == "shift_jis":
		return nil, errors.New("the file is in UTF-8; say --encoding utf-8")
	}
	switch encoding {
	case "", "utf-8":
		if isUTF8 {
			_, _ = buffered.Discard(len(start)) // cannot fail: Peek has returned them
		}
	case "shift_jis":
		bounded.from = transform.NewReader(buffered, japanese.ShiftJIS.NewDecoder())
	default:
		return nil, fmt.Errorf("--encoding %s: right would be utf-8 or shift_jis", encoding)
	}
	return bounded, nil
}
