package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// standardInputName is the argument that means the standard input.
const standardInputName = "-"

// fileName returns the name of a file in messages.
func fileName(argument string) string {
	if argument == standardInputName {
		return "standard input"
	}
	return argument
}

// membersFile is a file that is read more than once. It stays open, so that all readings read the same file even if
// another file gets its name.
type membersFile struct {
	*os.File
	modified time.Time // zero for the standard input and for a pipe
	size     int64
	lines    int64 // also the last one, which may have no line break
}

// openMembersFile opens a file. It copies the standard input or a pipe, which can be read only once, to a temporary file.
// That file is removed from its folder at once, so that nothing remains however the program ends.
func (p *program) openMembersFile(name string) (file *membersFile, err error) {
	var from io.Reader = p.stdin
	if name != standardInputName {
		opened, err := os.Open(name) //nolint:gosec // the operator names it
		if err != nil {
			return nil, err
		}
		about, err := opened.Stat()
		if err != nil {
			return nil, errors.Join(err, opened.Close())
		}
		if about.Mode().IsRegular() {
			return withLines(&membersFile{File: opened, modified: about.ModTime(), size: about.Size()})
		}
		defer func() { _ = opened.Close() }() // a close after reading has no error that matters
		from = opened
	}
	copied, err := os.CreateTemp("", "aikagi-import-")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Remove(copied.Name()), untilDone(p.ctx, func() error { _, err := io.Copy(copied, from); return err })); err != nil {
		return nil, errors.Join(fmt.Errorf("copy %s to a temporary file: %w", fileName(name), err), copied.Close())
	}
	return withLines(&membersFile{File: copied})
}

// withLines sets the number of lines and goes back to the start. After an error the file is closed.
func withLines(f *membersFile) (*membersFile, error) {
	err := f.rewind()
	if err == nil {
		err = f.countLines()
	}
	if err == nil {
		err = f.rewind()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// countLines reads to the end and counts the lines.
func (f *membersFile) countLines() error {
	buffer, isCut := make([]byte, 1<<20), false
	for {
		n, err := f.Read(buffer)
		f.lines += int64(bytes.Count(buffer[:n], []byte("\n")))
		if n > 0 {
			isCut = !bytes.HasSuffix(buffer[:n], []byte("\n"))
		}
		if errors.Is(err, io.EOF) {
			if isCut {
				f.lines++
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rewind goes back to the start. It fails if the file was changed after it was opened, so that the lines that are written
// are those that were checked.
func (f *membersFile) rewind() error {
	about, err := f.Stat()
	if err == nil && !f.modified.IsZero() && (!about.ModTime().Equal(f.modified) || about.Size() != f.size) {
		return errors.New("the file was changed while it was read")
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return err
}
