package member

import "time"

// ActivityKind names something that happened to a member, in the words of the member page.
type ActivityKind string

// What can happen to a member.
const (
	Redeemed        ActivityKind = "redeemed"         // went on with a temporary password
	Recovered       ActivityKind = "recovered"        // set a new password through a recovery
	PasswordChanged ActivityKind = "password_changed" // changed it on the member page
	SignedIn        ActivityKind = "signed_in"
	Voided          ActivityKind = "voided"
	WasSuspended    ActivityKind = "suspended"
	WasCancelled    ActivityKind = "cancelled"
	Resumed         ActivityKind = "resumed"
	AddressChanged  ActivityKind = "mail_address_changed"
	Disavowed       ActivityKind = "disavowed"

	// WasForgotten is kept of a member who was deleted. It names no member.
	WasForgotten ActivityKind = "forgotten"
)

// Actor says who did it.
type Actor string

// The actors.
const (
	ByMember   Actor = "member"
	ByOperator Actor = "operator"
)

// Activity is one thing that happened to a member, written in the transaction of the deed itself.
type Activity struct {
	// ID is random and chosen before the first try of the transaction, so that a retry after a lost answer
	// recognises its own deed.
	ID         string
	MemberID   ID
	At         time.Time
	Kind       ActivityKind
	RecoveryID string // empty when the deed went through no recovery
	By         Actor
	Device     Device
	// Author is set when an operator did it.
	Author Author
	// AsOf is set when an import did it: how old the data of the file was.
	AsOf *time.Time
}

// Device is a rough word for a browser's kind, from a closed set: no header's text reaches a table or a page.
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
	NoDevice      Device = "" // an operator's deed
)
