package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
)

// input is where an operator's answers come from.
type input struct {
	io.Reader
	// terminal says that a person can be asked.
	terminal bool
}

func standardInput() input {
	return input{os.Stdin, isatty.IsTerminal(os.Stdin.Fd())}
}

// confirm lets a deed to many members go on when the operator types how many there are, or has allowed as many with
// --yes. Where nobody can be asked it refuses.
func (p *program) confirm(deed string, members int64, yes *int64) error {
	many := count(int(members), "member")
	switch {
	case yes != nil && *yes < 0:
		return fmt.Errorf("%w: --yes %d: right would be the most members that it may change", errUsage, *yes)
	case yes != nil && members > *yes:
		return fmt.Errorf("this would %s %s, and --yes allows %d; nothing was changed", deed, many, *yes)
	case yes != nil:
		return nil
	case !p.stdin.terminal:
		return fmt.Errorf("%w: this would %s %s, and there is no terminal to ask on; say --yes %d if that is right; nothing was changed",
			errUsage, deed, many, members)
	}
	fmt.Fprintf(p.stderr, "This will %s %s. Type the number to go on: ", deed, many)
	typed, err := p.readLine()
	if err != nil {
		return fmt.Errorf("%w; nothing was changed", err)
	}
	if typed != strconv.FormatInt(members, 10) {
		return fmt.Errorf("%q is not the number %d; nothing was changed", typed, members)
	}
	return nil
}

// readLine waits for a line, or for the end of the command: a signal does not end the reading.
func (p *program) readLine() (string, error) {
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(p.stdin).ReadString('\n')
		if line != "" {
			err = nil
		}
		answers <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case <-p.ctx.Done():
		return "", p.ctx.Err()
	case a := <-answers:
		return a.line, a.err
	}
}
