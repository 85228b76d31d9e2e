package member

import "time"

// ActivityKind says what happened. The values are those of the API and the database.
type ActivityKind string

// The kinds.
const (
	Redeemed        ActivityKind = "redeemed"         // redeemed a temporary password
	Recovered       ActivityKind = "recovered"        // set a new password through a recovery
	PasswordChanged ActivityKind = "password_changed" // set a new password on the member page
	SignedIn        ActivityKind = "signed_in"
	Voided          ActivityKind = "voided"
	WasSuspended    ActivityKind = "suspended"
	WasCancelled    ActivityKind = "cancelled"
	Resumed         ActivityKind = "resumed"
	AddressChanged  ActivityKind = "mail_address_changed"
	Disavowed       ActivityKind = "disavowed" // used the button of a notice: "I didn't make this change", so the password is void

	// WasForgotten records that a member was deleted. It names no member.
	WasForgotten ActivityKind = "forgotten"
)

// Actor says whether the member or an operator caused an activity.
type Actor string

// The actors.
const (
	ByMember   Actor = "member"
	ByOperator Actor = "operator"
)

// Activity is one thing that happened to a member. It is written in the same transaction as the change that it records.
type Activity struct {
	// ID is random and chosen before the first try of the transaction. If the answer to a commit is lost, the next try
	// finds the ID in the table. So it learns that the earlier try has committed.
	ID         string
	MemberID   ID
	At         time.Time
	Kind       ActivityKind
	RecoveryID string // empty when no recovery was involved
	By         Actor
	Device     Device
	// Author is set for an operator's change.
	Author Author
	// AsOf is set if an import of a file made the change. It is the time at which the data of the file was current.
	AsOf *time.Time
}

// Device is the rough kind of a browser. The set is closed, so that no text of a request header reaches a table or a
// page.
type Device string

// The devices.
const (
	UnknownDevice Device = "unknown"
	IPhone        Device = "iphone"
	IPad          Device = "ipad"
	Android       Device = "android"
	Windows       Device = "windows"
	Mac           Device = "mac"
	Linux         Device = "linux"
	NoDevice      Device = "" // for an operator's change
)
