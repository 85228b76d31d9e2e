package recovery

import "aikagi/backend/member"

// State is the state of a recovery as a browser sees it.
type State string

// The states.
const (
	Waiting State = "waiting" // for the temporary password
	Ended   State = "ended"   // MaxGuesses wrong temporary passwords were typed
	// Redeemed and Completed are shown only to the browser that holds the grant.
	Redeemed  State = "redeemed"
	Completed State = "completed"
)

// View is what a browser may know of a recovery.
type View struct {
	ID          ID
	Receipt     string
	LoginID     member.LoginID
	State       State
	GuessesLeft int
}

// view returns what any caller who knows the ID may see. It depends only on the guesses in the row.
func (r Recovery) view() View {
	state := Waiting
	if r.Guesses >= MaxGuesses {
		state = Ended
	}
	return View{r.ID, r.Receipt, r.LoginID, state, r.guessesLeft()}
}

func (r Recovery) guessesLeft() int { return max(0, MaxGuesses-r.Guesses) }
