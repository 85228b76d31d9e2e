package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/store"
)

// allStates stands for every state in lettersListCommand.
const allStates = "all"

type lettersListCommand struct {
	State  string `help:"Which: waiting, accepted, failed, dropped or all. By default those that failed or are being refused, and with --member all." placeholder:"STATE"`
	Member string `help:"Only those to the member with this login ID." placeholder:"ID"`
	Limit  int    `help:"How many at most." default:"100"`
	JSON   bool   `name:"json" help:"One JSON object instead of text."`
}

// Run lists letters. It shows the mail server's codes and no address.
func (c lettersListCommand) Run(p *program) (err error) {
	id, err := c.normalise()
	if err != nil {
		return err
	}
	s, err := p.openStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	which := store.LetterFilter{Limit: c.Limit, InVain: c.State == ""}
	if c.State != allStates {
		which.State = mail.State(c.State)
	}
	if c.Member != "" {
		if which.Member, err = p.recipient(s.Members(), id); err != nil {
			return err
		}
	}
	found, err := s.Members().Letters(p.ctx, which)
	if err != nil {
		return err
	}
	recipients, err := s.Members().Recipients(p.ctx, found)
	if err != nil {
		return err
	}
	listed := make([]listedLetter, len(found))
	for i, letter := range found {
		listed[i] = listLetter(letter, recipients[letter.MemberID])
	}
	if c.JSON {
		return p.printJSON(struct {
			Letters []listedLetter `json:"letters"`
		}{listed})
	}
	for _, letter := range listed {
		fmt.Fprintln(p.stdout, letter)
	}
	if len(listed) == 0 {
		fmt.Fprintln(p.stdout, c.none())
	}
	return nil
}

// none says that the list is empty.
func (c lettersListCommand) none() string {
	switch c.State {
	case "":
		return "no failed letters, and none that is being refused"
	case allStates:
		return "no letters"
	}
	return "no " + c.State + " letters"
}

// normalise fills in the state and returns the member's login ID, if one was given.
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

// recipient finds the member whose letters are listed.
func (p *program) recipient(members *store.Members, id member.LoginID) (member.ID, error) {
	found, err := members.MembersNamed(p.ctx, []member.LoginID{id})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no member has the login ID %s", id)
	}
	if err != nil {
		return 0, err
	}
	return found[0].ID, nil
}

// listedLetter is a letter in the list. Its JSON is stable.
type listedLetter struct {
	ID        string     `json:"id"`
	CreatedAt time.Time  `json:"created_at"`
	LoginID   string     `json:"login_id"` // empty when the member is gone
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Tries     int        `json:"tries"`
	Answer    string     `json:"answer"`      // the mail server's last codes; empty when there are none yet
	NextTryAt *time.Time `json:"next_try_at"` // of a letter that waits
	EndedAt   *time.Time `json:"ended_at"`
	Receipt   string     `json:"receipt"`
}

func listLetter(letter store.KeptLetter, to member.LoginID) listedLetter {
	listed := listedLetter{
		ID: letter.ID, CreatedAt: letter.CreatedAt, LoginID: string(to), Kind: string(letter.Kind), State: string(letter.State),
		Tries: letter.Tries, Answer: letter.Answer, EndedAt: letter.EndedAt, Receipt: letter.Receipt,
	}
	if letter.State == mail.Waiting {
		listed.NextTryAt = &letter.DueAt
	}
	return listed
}

// String is the letter's line.
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

// printJSON prints one object.
func (p *program) printJSON(object any) error {
	out := json.NewEncoder(p.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(object)
}
