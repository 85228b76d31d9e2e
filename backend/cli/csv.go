package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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

// importOptions says how a members file is read.
type importOptions struct {
	// Columns maps a column to its heading in the file, if that differs: login_id → 会員ID.
	Columns map[string]string
	// IgnoreExtra ignores other columns.
	IgnoreExtra bool
	// Encoding is utf-8, shift_jis, or empty for utf-8.
	Encoding string
	// Usable returns why a password hash cannot be used, or nil.
	Usable func(encoded string) error
	// VoidUnusable voids members whose hash cannot be used. Without it their records are bad.
	VoidUnusable bool
	// KeepEmptyStatus keeps an empty status. Without it an empty status means active.
	KeepEmptyStatus bool
	// Twins are the lines that are bad because of another line's login ID.
	Twins twins
	// Now is the time at which members without a usable hash are voided.
	Now time.Time
}

// membersRecord is one record of a members file: good, bad or empty.
type membersRecord struct {
	line    int           // on which the record starts
	member  member.Member // of a good record; of a bad one only the login ID counts, which is empty if it is not valid
	bad     string        // why the record is bad; empty if it is good or empty
	isEmpty bool          // it has only separators and spaces, as a row that was cleared in Excel
}

// readMembers reads a members file and calls visit for each record. It stops at the first error of visit, and if the rest
// of the file cannot be read, and returns the error.
//
// No reason and no error contains text of the file, not even of its header: a file without a header begins with a member,
// and what is printed may end up in a log.
//
// Records with the same login ID are all bad. They are known only at the end of the file, so they are found by an earlier
// reading: see [findTwins]. readMembers itself keeps nothing of a record.
func readMembers(r io.Reader, opts importOptions, visit func(membersRecord) error) error {
	bounded, err := decoded(r, opts.Encoding)
	if err != nil {
		return err
	}
	records := csv.NewReader(bounded)
	records.FieldsPerRecord = -1 // layout.member checks the number: csv would stop at the first wrong one
	records.ReuseRecord = true
	layout, err := readHeader(records, opts)
	if err != nil {
		return err
	}
	reading := membersReading{opts, layout, visit}
	for line := 1; ; {
		bounded.startRecord()
		fields, err := records.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &wrong):
			line = wrong.StartLine
			err = visit(membersRecord{line: line, bad: quotesReason(wrong)})
		case err != nil:
			return fmt.Errorf("read the record after line %d: %w", line, err)
		default:
			line, _ = records.FieldPos(0)
			err = reading.visitFields(fields, line, lastLine(records, fields))
		}
		if err != nil {
			return err
		}
	}
}

// membersReading is the state of readMembers after the header.
type membersReading struct {
	opts   importOptions
	layout layout
	visit  func(membersRecord) error
}

// visitFields calls visit for a record that starts on line and ends on last.
func (r *membersReading) visitFields(fields []string, line, last int) error {
	if isEmpty(fields) {
		return r.visit(membersRecord{line: line, isEmpty: true})
	}
	one, reasons := r.layout.member(fields, r.opts)
	if twin, found := r.opts.Twins[line]; found {
		reasons = append(reasons, fmt.Sprintf("login_id is the same as on line %d", twin))
	}
	if len(reasons) == 0 {
		return r.visit(membersRecord{line: line, member: one})
	}
	if last > line {
		reasons = append(reasons, fmt.Sprintf("in quotation marks it goes on to line %d", last))
	}
	return r.visit(membersRecord{line: line, member: one, bad: strings.Join(reasons, "; ")})
}

// isEmpty reports whether a record has only separators and spaces.
func isEmpty(fields []string) bool {
	return !slices.ContainsFunc(fields, func(field string) bool { return strings.TrimSpace(field) != "" })
}

// quotesReason returns what is wrong with quotation marks. It names the lines that belong to the record because of them, so
// that the operator knows of every line that was not read.
func quotesReason(wrong *csv.ParseError) string {
	if wrong.Line > wrong.StartLine {
		return fmt.Sprintf("a quotation mark opens here and is not closed correctly: lines %d to %d cannot be read", wrong.StartLine, wrong.Line)
	}
	return `a " is wrong: a field that holds one must be quoted, with each " inside written twice`
}

// lastLine returns the last line of the record that was just read.
func lastLine(records *csv.Reader, fields []string) int {
	last := len(fields) - 1
	line, _ := records.FieldPos(last)
	return line + strings.Count(fields[last], "\n")
}

// member parses one record. The member is good if there are no reasons. Its login ID is set if it is valid, even if the
// record is bad. The reasons never contain a field, because fields are addresses and hashes.
func (l layout) member(fields []string, opts importOptions) (one member.Member, reasons []string) {
	if len(fields) != l.fields {
		reasons := []string{fmt.Sprintf("it has %s, the header %d", count(len(fields), "field"), l.fields)}
		if strings.ContainsRune(strings.Join(fields, ""), '\r') {
			reasons = append(reasons, errLoneCR.Error())
		}
		return member.Member{}, reasons
	}
	var err error
	if one.LoginID, err = member.ParseLoginID(fields[l.loginID]); err != nil {
		reasons = append(reasons, "login_id is "+err.Error())
	}
	if one.MailAddress, err = member.ParseMailAddress(fields[l.mailAddress]); err != nil {
		reasons = append(reasons, "basic_mail_address is "+err.Error())
	} else if !one.MailAddress.CanReceive() {
		reasons = append(reasons, "basic_mail_address cannot receive mail (it must be ASCII, with a domain)")
	}
	switch one.Status = member.Status(strings.TrimSpace(fields[l.status])); one.Status {
	case "":
		if !opts.KeepEmptyStatus {
			one.Status = member.Active
		}
	case member.Active, member.Suspended, member.Cancelled:
	default:
		reasons = append(reasons, "status is none of active, suspended, cancelled")
	}
	if one.PasswordHash = strings.TrimSpace(fields[l.passwordHash]); one.PasswordHash != "" {
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
