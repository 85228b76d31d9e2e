package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// layout is the number of fields, and the index of each column in them.
type layout struct {
	fields                                     int
	loginID, mailAddress, passwordHash, status int
}

// readHeader reads the header. Its error says everything that is wrong with it.
func readHeader(records *csv.Reader, opts importOptions) (layout, error) {
	headings, err := columnHeadings(opts)
	if err != nil {
		return layout{}, err
	}
	header, err := records.Read()
	if err := headerFault(header, err); err != nil {
		return layout{}, err
	}
	return findColumns(header, headings, opts)
}

// columnHeadings returns which of our columns each heading means.
func columnHeadings(opts importOptions) (map[string]string, error) {
	headings := make(map[string]string)
	for _, column := range importColumns() {
		headings[column] = column
	}
	if err := checkColumns(opts.Columns); err != nil {
		return nil, err
	}
	for column := range opts.Columns {
		delete(headings, column)
	}
	for _, column := range slices.Sorted(maps.Keys(opts.Columns)) {
		heading := strings.TrimSpace(opts.Columns[column])
		if other, taken := headings[heading]; taken {
			return nil, fmt.Errorf("--column %s=%s: %s is the heading of %s already", column, heading, heading, other)
		}
		headings[heading] = column
	}
	return headings, nil
}

// checkColumns returns an error if a --column names none of our columns.
func checkColumns(renamed map[string]string) error {
	for _, column := range slices.Sorted(maps.Keys(renamed)) {
		if !slices.Contains(importColumns(), column) {
			return fmt.Errorf("--column %s=%s: %s is none of our columns, which are %s",
				column, renamed[column], column, strings.Join(importColumns(), ", "))
		}
	}
	return nil
}

// headerFault returns why a header cannot be read, or nil.
func headerFault(header []string, err error) error {
	text := strings.Join(header, "")
	switch wrong := (*csv.ParseError)(nil); {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the file is empty; its first line should be %s", ourHeader())
	case errors.As(err, &wrong):
		return fmt.Errorf("the header cannot be read: %s", quotesReason(wrong))
	case err != nil:
		return fmt.Errorf("read the header: %w", err)
	case strings.ContainsRune(text, 0):
		return errUTF16
	case strings.ContainsRune(text, '\r'):
		return errLoneCR
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		return errors.New("the header is not in the encoding that was named; say --encoding shift_jis or --encoding utf-8")
	case len(header) == 1 && strings.ContainsAny(text, ";\t"):
		return errors.New("the fields are separated by semicolons or tabs; save the file as CSV with commas")
	}
	return nil
}

var (
	errLoneCR = errors.New("the lines end with CR alone, as on an old Macintosh; save the file with the line ends LF or CR LF")
	errUTF16  = errors.New("the file is in UTF-16; save it as CSV in UTF-8")
)

func ourHeader() string { return strings.Join(importColumns(), ",") }

// findColumns finds our columns in the header. Its error names other headings by their position, because only headings of
// the command line may be printed.
func findColumns(header []string, headings map[string]string, opts importOptions) (layout, error) {
	at := make(map[string]int)
	var wrong []string
	for i, heading := range header {
		column, ours := headings[strings.TrimSpace(heading)]
		first, twice := at[column]
		switch {
		case ours && twice:
			wrong = append(wrong, fmt.Sprintf("columns %d and %d are both %s", first+1, i+1, column))
		case ours:
			at[column] = i
		case !opts.IgnoreExtra:
			wrong = append(wrong, fmt.Sprintf("column %d is none of ours (--ignore-extra passes over it)", i+1))
		}
	}
	if len(at) == 0 {
		return layout{}, fmt.Errorf("the first line is not a header: it names none of the columns %s (--column OURS=HEADING for each that is called otherwise)", ourHeader())
	}
	for _, column := range importColumns() {
		if _, found := at[column]; found {
			continue
		}
		if heading, renamed := opts.Columns[column]; renamed {
			wrong = append(wrong, fmt.Sprintf("%q, which --column names for %s, is missing", heading, column))
		} else {
			wrong = append(wrong, fmt.Sprintf("%s is missing (--column %s=HEADING if it is called otherwise)", column, column))
		}
	}
	if len(wrong) > 0 {
		return layout{}, fmt.Errorf("the header is not %s: %s", ourHeader(), strings.Join(wrong, "; "))
	}
	return layout{len(header), at[loginIDColumn], at[mailAddressColumn], at[passwordHashColumn], at[statusColumn]}, nil
}
