package password

// Violation is one broken rule, as the API reports it.
type Violation struct {
	Code string `json:"code"`
	// Character and Position (in code points, from 1) are set for character_not_allowed only.
	Character string `json:"character,omitempty"`
	Position  int    `json:"position,omitempty"`
}

// The codes, in the order in which they are reported. The callers of [Check] add SameAsCurrent and SameAsTemporary.
const (
	TooShort             = "too_short"
	TooLong              = "too_long"
	CharacterNotAllowed  = "character_not_allowed"
	UpperCaseMissing     = "upper_case_missing"
	LowerCaseMissing     = "lower_case_missing"
	DigitOrSymbolMissing = "digit_or_symbol_missing"
	ContainsLoginID      = "contains_login_id"
	ContainsMailAddress  = "contains_mail_address"
	SameAsCurrent        = "same_as_current"
	SameAsTemporary      = "same_as_temporary"
	TooCommon            = "too_common"
)
