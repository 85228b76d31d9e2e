package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// standardInputName stands for the standard input on the command line.
const standardInputName = "-"

// membersFile is a file that is read from its start more than once. It stays open, so that both readings see the same
// file even if another one takes its name meanwhile.
type membersFile struct {
	*os.File
	modified time.Time // zero when the data came through a pipe
	size     int64
	lines    int64 // line breaks, to tell progress by
}

// openMembersFile copies what cannot be read twice, the standard input or a pipe, to a temporary file without a name:
// nothing is left behind, however the program ends.
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
			return countLines(&membersFile{File: opened, modified: about.ModTime(), size: about.Size()})
		}
		defer func() { _ = opened.Close() }() // only read from
		from = opened
	}
	copied, err := os.CreateTemp("", "aikagi-import-")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Remove(copied.Name()), copyUntilDone(p.ctx, copied, from)); err != nil {
		return nil, errors.Join(fmt.Errorf("copy %s to a temporary file: %w", name, err), copied.Close())
	}
	return countLines(&membersFile{File: copied})
}

// copyUntilDone does not wait for input longer than the command lasts: a signal does not end the reading.
func copyUntilDone(ctx context.Context, to io.Writer, from io.Reader) error {
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(to, from)
		copied <- err
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-copied:
		return err
	}
}

func countLines(f *membersFile) (*membersFile, error) {
	if err := f.rewind(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	buffer := make([]byte, 1<<20)
	for {
		n, err := f.Read(buffer)
		f.lines += int64(bytes.Count(buffer[:n], []byte("\n")))
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
}

// rewind goes back to the start. It refuses a file that was written to since it was opened: what was checked would not
// be what is written.
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
