package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"

	"aikagi/backend/member"
)

// seenIDs remembers on which line a login ID stood first.
type seenIDs struct {
	seed  maphash.Seed
	lines map[uint64]int // negative once a twin was found
}

// twin returns the line of the same login ID further up, or 0. It is unnoticed when this is its first twin. What is
// no login ID has no twin.
func (s *seenIDs) twin(id member.LoginID, line int) (first int, unnoticed bool) {
	if id == "" {
		return 0, false
	}
	hash := maphash.String(s.seed, string(id))
	first, found := s.lines[hash]
	switch {
	case !found:
		s.lines[hash] = line
		return 0, false
	case first < 0:
		return -first, false
	}
	s.lines[hash] = -first
	return first, true
}

var errLongRecord = fmt.Errorf("it is over %d KiB; is a quotation mark not closed?", maxRecord>>10)

// recordBound is a reader that gives up when one record takes more than maxRecord bytes. Its errors stay: the CSV
// reader would go on in the middle of a line.
type recordBound struct {
	from   io.Reader
	left   int
	failed error

	hasCR, hasLF bool // what the file has had so far
}

// next starts a record.
func (b *recordBound) next() { b.left = maxRecord }

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
	n, b.failed = b.from.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.hasCR = b.hasCR || bytes.ContainsRune(p[:n], '\r')
	b.hasLF = b.hasLF || bytes.ContainsRune(p[:n], '\n')
	return n, b.failed
}

// decoded turns the file into UTF-8 without the mark that Windows programs put before it.
func decoded(r io.Reader, encoding string) (*recordBound, error) {
	buffered := bufio.NewReaderSize(r, maxRecord)
	start, err := buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read members: %w", err)
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
			_, _ = buffered.Discard(len(start)) // cannot fail: they were peeked at
		}
	case "shift_jis":
		bounded.from = transform.NewReader(buffered, japanese.ShiftJIS.NewDecoder())
	default:
		return nil, fmt.Errorf("--encoding %s: right would be utf-8 or shift_jis", encoding)
	}
	return bounded, nil
}
