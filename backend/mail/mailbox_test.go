package mail

import (
	"encoding/json"
	"strconv"
	"testing"
)

var _ Transport = (*Mailbox)(nil)

func TestAMailboxShowsTheNewestFirst(t *testing.T) {
	box := NewMailbox()
	for _, subject := range []string{"first", "second"} {
		message := exampleMessage
		message.Subject = subject
		if err := box.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	got, err := json.Marshal(box.Letters()[:1])
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"to":"abcd@xxx.mm-m.ne.jp","subject":"second","text":"お客様\n\n【仮パスワード】\nKd7mPw3xR\n",` +
		`"html":"\u003cp\u003eお客様\u003c/p\u003e\n","at":"2026-11-22T06:30:00Z"}]`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnEmptyMailboxIsAnEmptyList(t *testing.T) {
	got, err := json.Marshal(NewMailbox().Letters())
	if err != nil || string(got) != "[]" {
		t.Errorf("got %s (%v), want []", got, err)
	}
}

func TestAFullMailboxForgetsTheOldest(t *testing.T) {
	box := NewMailbox()
	for i := range maxKept + 5 {
		message := exampleMessage
		message.Subject = strconv.Itoa(i)
		if err := box.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	letters := box.Letters()
	if got := len(letters); got != maxKept {
		t.Fatalf("got %d letters, want %d", got, maxKept)
	}
	if newest, oldest := letters[0].Subject, letters[maxKept-1].Subject; newest != strconv.Itoa(maxKept+4) || oldest != "5" {
		t.Errorf("got %s to %s, want the latest %d", newest, oldest, maxKept)
	}
}
