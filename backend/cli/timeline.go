package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/member"
	"aikagi/backend/recovery"
	"aikagi/backend/store"
)

// timelineLength is how many of each kind of event a timeline holds at most.
const timelineLength = 200

// timeline is what happened to a login ID, whether or not a member has it.
type timeline struct {
	now    time.Time
	brand  mail.Brand // of the Message-IDs
	events []event
	cut    bool // there is more than it holds
}

// event is one line of a timeline, for people and for programs.
type event struct {
	text string
	told toldEvent
}

// toldEvent is an event in JSON. What is asked_for_recovery, letter, or an activity's kind; the other members depend on
// it.
type toldEvent struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`

	Receipt      string           `json:"receipt,omitempty"`
	Outcome      recovery.Outcome `json:"outcome,omitempty"` // missing: not resolved yet
	Client       string           `json:"client,omitempty"`
	WrongGuesses *int             `json:"wrong_guesses,omitempty"` // of a letter: through its own link

	Letter            string              `json:"letter,omitempty"`
	Kind              recovery.LetterKind `json:"kind,omitempty"`
	State             mail.State          `json:"state,omitempty"`
	Tries             *int                `json:"tries,omitempty"`
	Answer            string              `json:"answer,omitempty"`
	EndedAt           *time.Time          `json:"ended_at,omitempty"`
	MessageID         string              `json:"message_id,omitempty"`
	TemporaryPassword *temporaryState     `json:"temporary_password,omitempty"`

	By     member.Actor  `json:"by,omitempty"`
	Author string        `json:"author,omitempty"`
	Reason string        `json:"reason,omitempty"`
	AsOf   *time.Time    `json:"as_of,omitempty"`
	Device member.Device `json:"device,omitempty"`
}

func (t *timeline) add(text string, told toldEvent) { t.events = append(t.events, event{text, told}) }

// sort puts the newest first.
func (t *timeline) sort() {
	slices.SortStableFunc(t.events, func(a, b event) int { return b.told.At.Compare(a.told.At) })
}

// writeTo writes for people.
func (t *timeline) writeTo(out io.Writer) {
	t.sort()
	for _, e := range t.events {
		fmt.Fprintf(out, "%s  %s\n", inJapan(e.told.At), e.text)
	}
	if t.cut {
		fmt.Fprintf(out, "… the latest %d of each kind\n", timelineLength)
	}
}

func (t *timeline) addAsks(asks []recovery.Recovery) {
	t.cut = t.cut || len(asks) == timelineLength
	for _, ask := range asks {
		client := ask.Client
		if client == "" {
			client = "unknown"
		}
		text := fmt.Sprintf("asked for recovery   receipt %s  outcome %s  from %s  wrong guesses %s",
			ask.Receipt, outcome(ask.Outcome), client, guesses(ask))
		t.add(text, toldEvent{
			At: ask.AskedAt, What: "asked_for_recovery", Receipt: ask.Receipt, Outcome: ask.Outcome, Client: ask.Client, WrongGuesses: &ask.Guesses,
		})
	}
}

// outcome gives the code and what it means to a member who calls.
func outcome(code recovery.Outcome) string {
	meaning := map[recovery.Outcome]string{
		recovery.LetterSent:     "a letter was made",
		recovery.TooSoon:        "no other letter: one had just been made",
		recovery.TooMany:        "no other letter: there were too many",
		recovery.UnknownLoginID: "no member had this login ID",
		recovery.AddressDiffers: "the address was not the registered one",
		recovery.NotActive:      "the member was not active",
	}[code]
	if code == "" {
		return "not resolved yet"
	}
	return fmt.Sprintf("%s (%s)", code, meaning)
}

// guesses counts the wrong ones of one recovery, which it ends with.
func guesses(r recovery.Recovery) string {
	text := fmt.Sprintf("%d of %d", r.Guesses, recovery.MaxGuesses)
	if r.Guesses >= recovery.MaxGuesses {
		text += ": ended"
	}
	return text
}

func (t *timeline) addActivities(activities []member.Activity) {
	t.cut = t.cut || len(activities) == timelineLength
	for _, a := range activities {
		what := fmt.Sprintf("%-20s by %s", strings.ReplaceAll(string(a.Kind), "_", " "), a.By)
		if a.Author.Name != "" {
			what += " " + a.Author.Name
		}
		if a.Device != "" {
			what += "  device " + string(a.Device)
		}
		if a.Author.Reason != "" {
			what += "  reason: " + a.Author.Reason
		}
		t.add(what, toldEvent{
			At: a.At, What: string(a.Kind), By: a.By, Author: a.Author.Name, Reason: a.Author.Reason, AsOf: a.AsOf, Device: a.Device,
		})
	}
}

// addLetters adds each letter with the guesses that were made through its own link, and with what became of the
// temporary password in it.
func (t *timeline) addLetters(
	m member.Member, letters []store.KeptLetter, links map[recovery.ID]recovery.Recovery, issuances map[string]recovery.Issuance,
) {
	t.cut = t.cut || len(letters) == timelineLength
	for _, letter := range letters {
		what := letterLine(letter)
		told := toldEvent{
			At: letter.CreatedAt, What: "letter", Receipt: letter.Receipt, Letter: letter.ID, Kind: letter.Kind, State: letter.State,
			Tries: &letter.Tries, Answer: letter.Answer, EndedAt: letter.EndedAt, MessageID: t.messageID(letter.ID),
		}
		if link, found := links[letter.RecoveryID]; found {
			what += "  wrong guesses through its link " + guesses(link)
			told.WrongGuesses = &link.Guesses
		}
		if issuance, found := issuances[letter.IssuanceID]; found {
			state := stateOf(issuance, m, t.now)
			what += "  temporary password " + state.String()
			told.TemporaryPassword = &state
		}
		t.add(what+"  Message-ID "+told.MessageID, told)
	}
}

// messageID is what to look for in the mail server's log. A command that was not told the sender does not know its end.
func (t *timeline) messageID(letterID string) string {
	id := mail.MessageID(letterID, t.brand)
	if t.brand.Sender == "" {
		id, _, _ = strings.Cut(id, "@")
		id += "@…"
	}
	return id
}

// letterLine shows a letter with the mail server's codes.
func letterLine(letter store.KeptLetter) string {
	line := fmt.Sprintf("letter %s  %s  %s  tries %d", letter.ID, letter.Kind, letter.State, letter.Tries)
	if letter.Receipt != "" {
		line += "  receipt " + letter.Receipt
	}
	if letter.Answer != "" {
		line += "  answer " + letter.Answer
	}
	if letter.EndedAt != nil {
		line += "  ended " + inJapan(*letter.EndedAt)
	}
	return line
}
