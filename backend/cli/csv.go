package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aikagi/backend/member"
)

// The columns of a members file, in the order of its header.
const (
	loginIDColumn      = "login_id"
	mailAddressColumn  = "basic_mail_address"
	passwordHashColumn = "password_hash"
	statusColumn       = "status"
)

func importColumns() []string {
	return []string{loginIDColumn, mailAddressColumn, passwordHashColumn, statusColumn}
}

// maxRecord bounds one record in bytes: a quotation mark that is never closed must not take the rest of a large file
// into memory.
const maxRecord = 64 << 10

// importOptions says how a members file is read.
type importOptions struct {
	// Columns gives the heading in the file for a column that is called otherwise there: login_id → 会員ID.
	Columns map[string]string
	// IgnoreExtra passes over columns that are none of ours.
	IgnoreExtra bool
	// Encoding is utf-8 (also when empty) or shift_jis.
	Encoding string
	// Usable says why a password hash cannot be used.
	Usable func(encoded string) error
	// VoidUnusable voids members whose hash cannot be used, instead of calling the line bad.
	VoidUnusable bool
	// KeepEmptyStatus leaves an empty status empty, which is active otherwise.
	KeepEmptyStatus bool
	// Now is when members without a usable hash are voided.
	Now time.Time
}

// readMembers reads a members file record by record and calls each for every good one, bad for every bad one, and
// empty for every one that has only separators (a row that was emptied in Excel), with the line on which the record
// starts. It stops at the first error of each, and at what makes the rest of the file unreadable; it returns that error.
//
// Neither a reason nor the error repeats anything of the file, header included: a file without a header begins with a
// member, and what is printed reaches terminals and logs.
//
// Two records of one login ID are both bad, so bad may come for a line that each was called for: its twin stands
// further down. Therefore read a file twice: first to learn the bad lines, then to write the others.
//
// The memory does not grow with the records but for the login IDs seen: about 40 MB for a million of them. They are
// kept as 64-bit hashes under a random key; that a file of a million is refused for two IDs that only look the same
// happens once in 37 million readings, and not in the next one.
func readMembers(
	r io.Reader, opts importOptions, each func(line int, m member.Member) error, bad func(line int, reason string), empty func(line int),
) error {
	bounded, err := decoded(r, opts.Encoding)
	if err != nil {
		return err
	}
	records := csv.NewReader(bounded)
	records.FieldsPerRecord = -1 // judged here, so that a bad line does not end the reading
	records.ReuseRecord = true
	layout, err := readHeader(records, opts)
	if err != nil {
		return err
	}
	seen := seenIDs{seed: maphash.MakeSeed(), lines: make(map[uint64]int)}
	line := 1
	for {
		bounded.next()
		record, err := records.Read()
		switch wrong := (*csv.ParseError)(nil); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &wrong):
			line = wrong.StartLine
			bad(line, quotesReason(wrong))
			continue
		case err != nil:
			return fmt.Errorf("read the record after line %d: %w", line, err)
		}
		line, _ = records.FieldPos(0)
		if isEmpty(record) {
			empty(line)
			continue
		}
		one, reasons := layout.member(record, opts)
		if first, unnoticed := seen.twin(one.LoginID, line); first != 0 {
			reasons = append(reasons, fmt.Sprintf("login_id is the same as on line %d", first))
			if unnoticed {
				bad(first, fmt.Sprintf("login_id is the same as on line %d", line))
			}
		}
		if len(reasons) == 0 {
			if err := each(line, one); err != nil {
				return err
			}
			continue
		}
		if last := lastLine(records, record); last > line {
			reasons = append(reasons, fmt.Sprintf("in quotation marks it goes on to line %d", last))
		}
		bad(line, strings.Join(reasons, "; "))
	}
}

// isEmpty says that a record has nothing but separators and space.
func isEmpty(record []string) bool {
	return !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" })
}

// quotesReason says what is wrong with quotation marks. They may have taken further lines with them; these are named,
// so that none is lost in silence.
func quotesReason(wrong *csv.ParseError) string {
	if wrong.Line > wrong.StartLine {
		return fmt.Sprintf("a quotation mark opens here and is not closed rightly: lines %d to %d cannot be read", wrong.StartLine, wrong.Line)
	}
	return `a " is wrong: a field that holds one must be quoted, with each " inside written twice`
}

// lastLine is the line on which the record just read ends.
func lastLine(records *csv.Reader, record []string) int {
	last := len(record) - 1
	line, _ := records.FieldPos(last)
	return line + strings.Count(record[last], "\n")
}

// layout says in which field of a record each column stands.
type layout struct {
	fields                                     int
	loginID, mailAddress, passwordHash, status int
}

// readHeader finds the columns. Its error says everything that is wrong with the header.
func readHeader(records *csv.Reader, opts importOptions) (layout, error) {
	headings := make(map[string]string) // in the file → of ours
	for _, column := range importColumns() {
		headings[column] = column
	}
	if err := checkColumns(opts.Columns); err != nil {
		return layout{}, err
	}
	for column := range opts.Columns {
		delete(headings, column)
	}
	for _, column := range slices.Sorted(maps.Keys(opts.Columns)) {
		heading := strings.TrimSpace(opts.Columns[column])
		if other, taken := headings[heading]; taken {
			return layout{}, fmt.Errorf("--column %s=%s: %s is the heading of %s already", column, heading, heading, other)
		}
		headings[heading] = column
	}

	header, err := records.Read()
	if err := headerFault(header, err); err != nil {
		return layout{}, err
	}
	return findColumns(header, headings, opts)
}

// checkColumns refuses a --column for what is no column.
func checkColumns(renamed map[string]string) error {
	for _, column := range slices.Sorted(maps.Keys(renamed)) {
		if !slices.Contains(importColumns(), column) {
			return fmt.Errorf("--column %s=%s: %s is none of our columns, which are %s",
				column, renamed[column], column, strings.Join(importColumns(), ", "))
		}
	}
	return nil
}

// headerFault says why a header cannot be read.
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

// findColumns names headings by their place: only those of the command line are repeated.
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

// member reads one record. The member is good when there are no reasons against it; its login ID is set whenever it
// is one. Reasons never repeat a field: they go to a terminal or a log, and fields are addresses and hashes.
func (l layout) member(record []string, opts importOptions) (one member.Member, reasons []string) {
	if len(record) != l.fields {
		reasons := []string{fmt.Sprintf("it has %s, the header %d", count(len(record), "field"), l.fields)}
		if strings.ContainsRune(strings.Join(record, ""), '\r') {
			reasons = append(reasons, errLoneCR.Error())
		}
		return member.Member{}, reasons
	}
	var err error
	if one.LoginID, err = member.ParseLoginID(record[l.loginID]); err != nil {
		reasons = append(reasons, "login_id is "+err.Error())
	}
	if one.MailAddress, err = member.ParseMailAddress(record[l.mailAddress]); err != nil {
		reasons = append(reasons, "basic_mail_address is "+err.Error())
	} else if !one.MailAddress.CanReceive() {
		reasons = append(reasons, "basic_mail_address cannot receive mail (it must be ASCII, with a domain)")
	}
	switch one.Status = member.Status(strings.TrimSpace(record[l.status])); one.Status {
	case "":
		if !opts.KeepEmptyStatus {
			one.Status = member.Active
		}
	case member.Active, member.Suspended, member.Cancelled:
	default:
		reasons = append(reasons, "status is none of active, suspended, cancelled")
	}
	if one.PasswordHash = strings.TrimSpace(record[l.passwordHash]); one.PasswordHash != "" {
		if err := opts.Usable(one.PasswordHash); err != nil && opts.VoidUnusable {
			one.PasswordHash = ""
		} else if err != nil {
			reasons = append(reasons, "password_hash: "+err.Error())
		}
	}
	if one.PasswordHash == "" {
		one.VoidedAt = &opts.Now
	}
	return one, reasons
}
