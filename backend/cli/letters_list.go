package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

// allStates is the value of --state that selects every state.
const allStates = "all"

type lettersListCommand struct {
	State  string `help:"Which: waiting, accepted, failed, dropped or all. By default those that failed or are being refused, and with --member all." placeholder:"STATE"`
	Member string `help:"Only those to the member with this login ID." placeholder:"ID"`
	Limit  int    `help:"The most letters in the list." default:"100"`
	JSON   bool   `name:"json" help:"One JSON object instead of text."`
}

// Run lists letters. It prints the mail server's codes and no addresses.
func (c lettersListCommand) Run(p *program) error {
	id, err := c.normalise()
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		found, err := c.find(p, s.Members(), id)
		if err != nil {
			return err
		}
		if found.Total > len(found.Letters) || !found.TotalIsExact {
			fmt.Fprintf(p.stderr, "the newest %d of %s; --limit NUMBER shows more\n", c.Limit, found.total())
		}
		if c.JSON {
			return p.printJSON(found)
		}
		for _, letter := range found.Letters {
			fmt.Fprintln(p.stdout, letter)
		}
		if len(found.Letters) == 0 {
			fmt.Fprintln(p.stdout, c.emptyMessage())
		}
		return nil
	})
}

// lettersFound is the list of letters. Its JSON is stable.
type lettersFound struct {
	Letters []listedLetter `json:"letters"`
	// Total counts also those that the list leaves out. There are more than Total unless TotalIsExact is set.
	Total        int  `json:"total"`
	TotalIsExact bool `json:"total_is_exact"`
}

// total returns how many letters there are, for a sentence.
func (f lettersFound) total() string {
	if f.TotalIsExact {
		return strconv.Itoa(f.Total)
	}
	return fmt.Sprintf("more than %d", f.Total)
}

// find reads the letters, of one member if id is not empty. It reads one more than the list may have, to know whether there
// are more, and counts them only in that case.
func (c lettersListCommand) find(p *program, members *store.Members, id member.LoginID) (lettersFound, error) {
	filter := store.LetterFilter{Limit: min(c.Limit, math.MaxInt-1) + 1, Unsuccessful: c.State == ""}
	if c.State != allStates {
		filter.State = mail.State(c.State)
	}
	if id != "" {
		recipient, err := memberNamed(p.ctx, members, id)
		if err != nil {
			return lettersFound{}, err
		}
		filter.Member = recipient.ID
	}
	letters, err := members.Letters(p.ctx, filter)
	if err != nil {
		return lettersFound{}, err
	}
	found := lettersFound{Total: len(letters), TotalIsExact: true}
	if len(letters) > c.Limit {
		letters = letters[:c.Limit]
		counted, isExact, err := members.CountLetters(p.ctx, filter)
		if err != nil {
			return lettersFound{}, err
		}
		found.Total, found.TotalIsExact = totalBeyond(c.Limit, counted), isExact
	}
	recipients, err := members.Recipients(p.ctx, letters)
	if err != nil {
		return lettersFound{}, err
	}
	found.Letters = make([]listedLetter, len(letters))
	for i, letter := range letters {
		found.Letters[i] = newListedLetter(letter, recipients[letter.MemberID])
	}
	return found, nil
}

// totalBeyond returns the total for a list that leaves letters out. The count may have stopped at a bound lower than the list's
// limit, but there are at least as many letters as the list has.
func totalBeyond(limit, counted int) int { return max(limit, counted) }

// emptyMessage says that the list is empty.
func (c lettersListCommand) emptyMessage() string {
	switch c.State {
	case "":
		return "no failed letters, and none that is being refused"
	case allStates:
		return "no letters"
	}
	return "no " + c.State + " letters"
}

// normalise checks the flags, sets the default state, and returns the login ID of --member, if it is set.
func (c *lettersListCommand) normalise() (id member.LoginID, err error) {
	if c.Limit < 1 {
		return "", fmt.Errorf("%w: --limit %d: right would be 1 or more", errUsage, c.Limit)
	}
	if c.State != "" && c.State != allStates && c.State != string(mail.Waiting) && !slices.Contains(mail.Ends(), mail.State(c.State)) {
		return "", fmt.Errorf("%w: --state %s: right would be waiting, accepted, failed, dropped or all", errUsage, c.State)
	}
	if c.Member == "" {
		return "", nil
	}
	if c.State == "" {
		c.State = allStates
	}
	if id, err = member.ParseLoginID(c.Member); err != nil {
		return "", fmt.Errorf("%w: --member: %w", errUsage, err)
	}
	return id, nil
}

// listedLetter is a letter in the list. Its JSON is stable.
type listedLetter struct {
	ID        string     `json:"id"`
	CreatedAt time.Time  `json:"created_at"`
	LoginID   string     `json:"login_id"` // empty if the member was forgotten
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Tries     int        `json:"tries"`
	Answer    string     `json:"answer"`      // the mail server's last codes; empty before the first
	NextTryAt *time.Time `json:"next_try_at"` // null unless the letter is waiting
	EndedAt   *time.Time `json:"ended_at"`
	Receipt   string     `json:"receipt"`
}

func newListedLetter(letter store.KeptLetter, to member.LoginID) listedLetter {
	listed := listedLetter{
		ID: letter.ID, CreatedAt: letter.CreatedAt, LoginID: string(to), Kind: string(letter.Kind), State: string(letter.State),
		Tries: letter.Tries, Answer: letter.Answer, EndedAt: letter.EndedAt, Receipt: letter.Receipt,
	}
	if letter.State == mail.Waiting {
		listed.NextTryAt = &letter.DueAt
	}
	return listed
}

// String returns the line of the letter.
func (l listedLetter) String() string {
	words := []string{
		inJapan(l.CreatedAt), "letter " + l.ID, "to " + l.LoginID, l.Kind, l.State, fmt.Sprintf("tries %d", l.Tries),
	}
	if l.Answer != "" {
		words = append(words, "answer "+l.Answer)
	}
	if l.NextTryAt != nil {
		words = append(words, "next try "+inJapan(*l.NextTryAt))
	}
	if l.EndedAt != nil {
		words = append(words, "ended "+inJapan(*l.EndedAt))
	}
	if l.Receipt != "" {
		words = append(words, "receipt "+l.Receipt)
	}
	return strings.Join(words, "  ")
}
