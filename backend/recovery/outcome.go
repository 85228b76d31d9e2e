package recovery

// Outcome is the result of an ask. Operators see it; no answer to a browser depends on it. It is empty until the resolver has
// resolved the ask.
type Outcome string

// The outcomes. With the first three the recovery leads to the member's temporary password. With the others it is a decoy.
const (
	LetterSent     Outcome = "letter"   // a letter was made due
	TooSoon        Outcome = "too_soon" // a letter is due, or went out within LetterInterval, or the recovery was redeemed after the ask
	TooMany        Outcome = "too_many" // the limit on repeated letters is reached
	UnknownLoginID Outcome = "unknown_login_id"
	AddressDiffers Outcome = "address_differs"
	NotActive      Outcome = "suspended" // or cancelled
)

// Outcomes returns all outcomes of a resolved ask.
func Outcomes() []Outcome {
	return []Outcome{LetterSent, TooSoon, TooMany, UnknownLoginID, AddressDiffers, NotActive}
}
