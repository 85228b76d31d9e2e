package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
)

// input is the standard input.
type input struct {
	io.Reader
	// isTerminal reports that a person can answer questions.
	isTerminal bool
}

func standardInput() input {
	return input{os.Stdin, isatty.IsTerminal(os.Stdin.Fd())}
}

// confirm asks the operator to type how many members a command would change, and returns nil if the number is right. It
// does not ask if --yes allows that many. Without a terminal and without --yes it refuses. The change is a verb such as
// "void the passwords of".
func (p *program) confirm(change string, members int64, yes *int64) error {
	many := count(int(members), "member")
	if err := checkYes(yes); err != nil {
		return err
	}
	switch {
	case yes != nil && members > *yes:
		return fmt.Errorf("this would %s %s, and --yes allows %d; nothing was changed", change, many, *yes)
	case yes != nil:
		return nil
	case !p.stdin.isTerminal:
		return fmt.Errorf("%w: this would %s %s, and there is no terminal to ask on; say --yes %d if that is right; nothing was changed",
			errUsage, change, many, members)
	}
	fmt.Fprintf(p.stderr, "This will %s %s. Type the number to go on: ", change, many)
	typed, err := p.readLine()
	if errors.Is(err, io.EOF) {
		return errors.New("no answer; nothing was changed")
	}
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	if typed != strconv.FormatInt(members, 10) {
		return fmt.Errorf("%q is not the number %d; nothing was changed", typed, members)
	}
	return nil
}

// checkYes returns an error if the number of --yes is negative.
func checkYes(yes *int64) error {
	if yes != nil && *yes < 0 {
		return fmt.Errorf("%w: --yes %d: right would be the most members that it may change", errUsage, *yes)
	}
	return nil
}

// readLine reads a line from the standard input, or returns when a signal ends the command.
func (p *program) readLine() (string, error) {
	var line string
	err := untilDone(p.ctx, func() (err error) {
		if line, err = bufio.NewReader(p.stdin).ReadString('\n'); line != "" {
			return nil // the last line may have no line break
		}
		return err
	})
	if err != nil {
		return "", err // line may still be written to
	}
	return strings.TrimSpace(line), nil
}

// untilDone calls read in the background, because a signal does not interrupt a read from a file. It returns the error of read,
// or the error of ctx if ctx ends first.
func untilDone(ctx context.Context, read func() error) error {
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-done:
		return err
	}
}
