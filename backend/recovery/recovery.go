// Package recovery holds the five steps by which a member gets back in: ask (Request), the worker that
// finds out whom an ask named (Resolver), the temporary password that the mail carries, Redeem, and Reset.
//
// Two rules shape everything here. First, the one who asks is never looked up while they wait: Request is one
// INSERT, whoever is named. Second, what a recovery tells depends only on its own row and on what was done
// through it: a decoy, which matched no active member, walks the same way at the same cost.
package recovery

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"time"

	"aikagi/backend/member"
)

// ID names a recovery: 26 random characters (130 bits) that stand in links and name it to its browser alone.
type ID string

var idForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// ParseID reads an ID from an address. A text that cannot be one is ErrNotFound, like one that nobody has.
func ParseID(text string) (ID, error) {
	if !idForm.MatchString(text) {
		return "", ErrNotFound
	}
	return ID(text), nil
}

// Limits of a recovery. Every bound that the members' rule fixes stands in this block.
const (
	// Waits is how long a recovery can be gone on with, counted from the ask; afterwards it is not found.
	Waits = 24 * time.Hour
	// MaxGuesses wrong temporary passwords end a recovery. At 43 bits a guess, five tell nothing.
	MaxGuesses = 5
	// GrantLifetime is how long a redeemed recovery can set the new password.
	GrantLifetime = 30 * time.Minute
	// MaxGrantTries bounds how often a grant can ask "is this the current password?".
	MaxGrantTries = 10
	// RenewedFor counts from an issuance's first mail: asking again before its end renews the expiry.
	RenewedFor = 2 * time.Hour
	// LetterEvery is the least time between two temporary-password letters to one member.
	LetterEvery = time.Minute
	// MaxRemailsAnHour and MaxRemailsADay bound letters that carry a temporary password mailed before.
	MaxRemailsAnHour = 5
	MaxRemailsADay   = 20
	// DisavowalLasts is how long the link in a notice can be pressed, counted from the change that it tells of.
	DisavowalLasts = 7 * 24 * time.Hour
	// MaxBacklog is the age of the oldest unresolved ask above which asking and asking again answer ErrBusy to everyone.
	MaxBacklog = 30 * time.Second
	// MaxSetAside asks whose own rows cannot be had do not count for MaxBacklog: one locked row must not close recovery
	// for all.
	MaxSetAside = 100
)

// Language is what a letter is written in.
type Language string

// The languages.
const (
	Japanese Language = "ja"
	English  Language = "en"
)

// Origin says who opened a recovery.
type Origin string

// The origins.
const (
	// FromAsk is a recovery that somebody asked for.
	FromAsk Origin = "ask"
	// FromLetter is the recovery that a letter links to: opened by the worker, told to nobody but the letter's
	// reader, so that a stranger who asks can neither watch nor spend the member's guesses.
	FromLetter Origin = "letter"
)

// Outcome tells the operator, and nobody else, what became of an ask.
type Outcome string

// The outcomes. The empty one is an ask not yet resolved.
const (
	LetterSent     Outcome = "letter"
	TooSoon        Outcome = "too_soon"
	TooMany        Outcome = "too_many"
	UnknownLoginID Outcome = "unknown_login_id"
	AddressDiffers Outcome = "address_differs"
	NotActive      Outcome = "suspended"
)

// Outcomes are all that an ask can end with.
func Outcomes() []Outcome {
	return []Outcome{LetterSent, TooSoon, TooMany, UnknownLoginID, AddressDiffers, NotActive}
}

// State is what a recovery tells of itself.
type State string

// The states. Redeemed and Completed are told only to the browser that holds the grant.
const (
	Waiting   State = "waiting"
	Ended     State = "ended"
	Redeemed  State = "redeemed"
	Completed State = "completed"
)

// Recovery is one walk through the five steps.
type Recovery struct {
	ID             ID
	Receipt        string // 8 digits, for the help desk; may repeat over time
	LoginID        member.LoginID
	MailAddressMAC string // of the typed address, which is stored nowhere
	Language       Language
	Client         string // the asking address as limits see it, for the operator
	Origin         Origin
	AskedAt        time.Time
	LetterAskedAt  time.Time // when the mail was last asked for through it
	GoneAt         time.Time // from then on it is not found, row kept or not
	Guesses        int

	// MemberID, IssuanceID and KeyName say which temporary password goes on with this recovery. They are never
	// empty: a decoy has random ones, so that a wrong guess at it costs what one at a real one costs.
	MemberID   member.ID
	IssuanceID string
	KeyName    string
	Outcome    Outcome
	// SetAside is how often the unresolved ask was set aside because its rows could not be had.
	SetAside int

	GrantHash      string // SHA-256 of the grant, empty before redeeming
	GrantVersion   int64  // the member's password version that the grant was opened under
	GrantExpiresAt time.Time
	GrantTries     int
	// GrantIssuanceID and GrantKeyName name the temporary password that the grant was opened with. IssuanceID and KeyName
	// name another one when the mail was asked for again since.
	GrantIssuanceID string
	GrantKeyName    string
	RedeemedAt      *time.Time
	CompletedAt     *time.Time
}

// View is what a recovery tells the browser that asks.
type View struct {
	ID          ID
	Receipt     string
	LoginID     member.LoginID
	State       State
	GuessesLeft int
}

// view is what strangers see: the row's own guesses, and nothing else that happened.
func (r Recovery) view() View {
	state := Waiting
	if r.Guesses >= MaxGuesses {
		state = Ended
	}
	return View{r.ID, r.Receipt, r.LoginID, state, max(0, MaxGuesses-r.Guesses)}
}

// newDecoy gives the recovery that every ask starts as: it leads to a temporary password that nobody was sent.
func newDecoy(id member.LoginID, keyName string, now time.Time) Recovery {
	return Recovery{
		ID:         ID(rand.Text()),
		Receipt:    newReceipt(),
		LoginID:    id,
		Origin:     FromAsk,
		AskedAt:    now,
		GoneAt:     now.Add(Waits),
		MemberID:   member.ID(randomBelow(1 << 40)),
		IssuanceID: rand.Text(),
		KeyName:    keyName,
	}
}

func newReceipt() string {
	return fmt.Sprintf("%08d", randomBelow(100_000_000))
}

// randomBelow needs no error: crypto/rand ends the program rather than give a predictable number (CVE-2025-66630).
func randomBelow(bound int64) int64 {
	n, err := rand.Int(rand.Reader, big.NewInt(bound))
	if err != nil {
		panic(err)
	}
	return n.Int64()
}

// What can be wrong, beside WrongError, EndedError and RejectedError.
var (
	ErrNotFound     = errors.New("no such recovery, or it is over a day old")
	ErrGrantMissing = errors.New("no grant that can set this member's password")
	ErrPaused       = errors.New("recovery is paused by the operator")
	ErrBusy         = errors.New("the resolver is behind")
	// ErrLocked says that another transaction has locked a row, for longer than the database lets a statement wait, or
	// at all for one that does not wait.
	ErrLocked = errors.New("another transaction has locked a row")
)
