package cli

import (
	"fmt"
	"io"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// showResult is what members show prints. Its JSON is stable.
type showResult struct {
	// Receipts are the recoveries that got the number, which may be several over the years.
	Receipts []shownReceipt `json:"receipts"`
	LoginIDs []shownLoginID `json:"login_ids"`
}

type shownReceipt struct {
	Receipt string         `json:"receipt"`
	LoginID member.LoginID `json:"login_id"`
	AskedAt time.Time      `json:"asked_at"`
}

type shownLoginID struct {
	LoginID  member.LoginID `json:"login_id"`
	Member   *shownMember   `json:"member"`          // null if no member has the login ID
	Timeline []eventJSON    `json:"timeline"`        // newest first
	IsCut    bool           `json:"timeline_is_cut"` // some events are left out

	timeline *timeline
}

type shownMember struct {
	LoginID           member.LoginID     `json:"login_id"`
	BasicMailAddress  member.MailAddress `json:"basic_mail_address"`
	Status            member.Status      `json:"status"`
	Password          string             `json:"password"` // usable, void or never_set
	VoidedAt          *time.Time         `json:"voided_at"`
	PasswordChangedAt *time.Time         `json:"password_changed_at"`
	TemporaryPassword temporaryState     `json:"temporary_password"`
	EnrolledAt        time.Time          `json:"enrolled_at"`
}

func newShownMember(m member.Member) shownMember {
	state := "usable"
	switch {
	case m.VoidedAt != nil:
		state = "void"
	case m.PasswordHash == "":
		state = "never_set"
	}
	return shownMember{
		LoginID: m.LoginID, BasicMailAddress: m.MailAddress, Status: m.Status, Password: state, VoidedAt: m.VoidedAt,
		PasswordChangedAt: m.PasswordChangedAt, EnrolledAt: m.CreatedAt,
	}
}

// writeTo writes the result as text.
func (s showResult) writeTo(out io.Writer) {
	for _, r := range s.Receipts {
		fmt.Fprintf(out, "Receipt %s was given to an ask for login ID %s at %s.\n", r.Receipt, r.LoginID, inJapan(r.AskedAt))
	}
	for i, one := range s.LoginIDs {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if one.Member == nil {
			fmt.Fprintf(out, "No member has the login ID %s.\n", one.LoginID)
		} else {
			one.Member.writeTo(out)
		}
		one.timeline.writeTo(out)
	}
}

func (m shownMember) writeTo(out io.Writer) {
	passwordState := map[string]string{"usable": "usable", "void": "void", "never_set": "never set"}[m.Password]
	if m.VoidedAt != nil {
		passwordState += " since " + inJapan(*m.VoidedAt)
	}
	changed := "never here"
	if m.PasswordChangedAt != nil {
		changed = inJapan(*m.PasswordChangedAt)
	}
	for _, row := range [][2]string{
		{"login ID", string(m.LoginID)},
		{"basic mail address", string(m.BasicMailAddress)},
		{"status", string(m.Status)},
		{"password", passwordState},
		{"password changed", changed},
		{"temporary password", m.TemporaryPassword.String()},
		{"enrolled here", inJapan(m.EnrolledAt)},
	} {
		fmt.Fprintf(out, "%-18s  %s\n", row[0], row[1])
	}
	fmt.Fprintln(out)
}

// temporaryState is the state of a temporary password.
type temporaryState struct {
	// State is lives, used, ended, expired or not_mailed, or none if the member has none.
	State string `json:"state"`
	// At is when it expires or expired, was used, or was ended. It is null in the other states, and if a change of the
	// password, the address or the status ended it.
	At *time.Time `json:"at"`
}

func stateOf(i recovery.Issuance, m member.Member, now time.Time) temporaryState {
	switch {
	case i.ID == "":
		return temporaryState{State: "none"}
	case i.UsedAt != nil:
		return temporaryState{"used", i.UsedAt}
	case i.EndedAt != nil:
		return temporaryState{"ended", i.EndedAt}
	case i.PasswordVersion != m.PasswordVersion || m.Status != member.Active:
		return temporaryState{State: "ended"}
	case i.ExpiresAt == nil:
		return temporaryState{State: "not_mailed"}
	case !now.Before(*i.ExpiresAt):
		return temporaryState{"expired", i.ExpiresAt}
	}
	return temporaryState{"lives", i.ExpiresAt}
}

// String returns the state as text.
func (t temporaryState) String() string {
	switch {
	case t.State == "not_mailed":
		return "made, not mailed yet"
	case t.State == "ended" && t.At == nil:
		return "ended: the password, the address or the status was changed after it"
	case t.At == nil:
		return t.State
	case t.State == "lives":
		return "lives until " + inJapan(*t.At)
	}
	return t.State + " at " + inJapan(*t.At)
}
