package cli

import (
	"fmt"
	"io"
)

// badLinesShown is how many bad lines of a file are printed.
const badLinesShown = 1000

// badLines collects the numbers of a file's bad lines and prints the first ones with their reasons.
type badLines struct {
	out     io.Writer // nil: nothing is printed
	numbers map[int]bool
}

// add adds a line.
func (b *badLines) add(number int, reason string) {
	if b.numbers == nil {
		b.numbers = make(map[int]bool)
	}
	b.numbers[number] = true
	switch {
	case b.out == nil:
	case len(b.numbers) <= badLinesShown:
		fmt.Fprintf(b.out, "line %d: %s\n", number, reason)
	case len(b.numbers) == badLinesShown+1:
		fmt.Fprintln(b.out, "… and more bad lines")
	}
}

// has reports whether the line is bad.
func (b *badLines) has(number int) bool { return b.numbers[number] }

func (b *badLines) count() int { return len(b.numbers) }
