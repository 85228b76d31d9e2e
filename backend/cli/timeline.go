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

// timeline is the list of events of a login ID, whether or not a member has it.
type timeline struct {
	now    time.Time
	brand  mail.Brand // for the Message-IDs
	events []event
	cut    bool // some events are left out
}

// event is one event of a timeline, as text and as JSON.
type event struct {
	text string
	json eventJSON
}

// eventJSON is an event in JSON, which is stable. What says which of the fields after it are set.
type eventJSON struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // asked_for_recovery, letter, or an activity's kind

	Receipt      string           `json:"receipt,omitempty"`
	Outcome      recovery.Outcome `json:"outcome,omitempty"` // missing before the recovery is resolved
	Client       string           `json:"client,omitempty"`
	WrongGuesses *int             `json:"wrong_guesses,omitempty"` // for a letter: through its own link

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

func (t *timeline) add(text string, json eventJSON) { t.events = append(t.events, event{text, json}) }

// sort sorts the events, the newest first.
func (t *timeline) sort() {
	slices.SortStableFunc(t.events, func(a, b event) int { return b.json.At.Compare(a.json.At) })
}

// writeTo writes the timeline as text.
func (t *timeline) writeTo(out io.Writer) {
	t.sort()
	for _, e := range t.events {
		fmt.Fprintf(out, "%s  %s\n", inJapan(e.json.At), e.text)
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
		t.add(text, eventJSON{
			At: ask.AskedAt, What: "asked_for_recovery", Receipt: ask.Receipt, Outcome: ask.Outcome, Client: ask.Client, WrongGuesses: &ask.Guesses,
		})
	}
}

// outcome returns the code of an outcome and what it means.
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

// guesses returns the number of wrong guesses of a recovery, and whether they ended it.
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
		t.add(what, eventJSON{
			At: a.At, What: string(a.Kind), By: a.By, Author: a.Author.Name, Reason: a.Author.Reason, AsOf: a.AsOf, Device: a.Device,
		})
	}
}

// addLetters adds the member's letters, each with the wrong guesses through its own link and with the state of its
// temporary password.
func (t *timeline) addLetters(
	m member.Member, letters []store.KeptLetter, links map[recovery.ID]recovery.Recovery, issuances map[string]recovery.Issuance,
) {
	t.cut = t.cut || len(letters) == timelineLength
	for _, letter := range letters {
		what := letterLine(letter)
		json := eventJSON{
			At: letter.CreatedAt, What: "letter", Receipt: letter.Receipt, Letter: letter.ID, Kind: letter.Kind, State: letter.State,
			Tries: &letter.Tries, Answer: letter.Answer, EndedAt: letter.EndedAt, MessageID: t.messageID(letter.ID),
		}
		if link, found := links[letter.RecoveryID]; found {
			what += "  wrong guesses through its link " + guesses(link)
			json.WrongGuesses = &link.Guesses
		}
		if issuance, found := issuances[letter.IssuanceID]; found {
			state := stateOf(issuance, m, t.now)
			what += "  temporary password " + state.String()
			json.TemporaryPassword = &state
		}
		t.add(what+"  Message-ID "+json.MessageID, json)
	}
}

// messageID returns the Message-ID, by which the operator finds the letter in the mail server's log. Its domain is
// unknown if the sender is not set.
func (t *timeline) messageID(letterID string) string {
	id := mail.MessageID(letterID, t.brand)
	if t.brand.Sender == "" {
		id, _, _ = strings.Cut(id, "@")
		id += "@…"
	}
	return id
}

// letterLine returns the text of a letter with the mail server's codes.
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
