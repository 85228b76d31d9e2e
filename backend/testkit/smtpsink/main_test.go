package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/smtp"
	"strconv"
	"strings"
	"testing"

	"aikagi/backend/testkit/sink"
)

const letter = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: =?utf-8?B?5Luu44OR44K544Ov44O844OJ?=\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n" +
	"--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n44GK5a6i5qeYCg==\r\n" +
	"--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E3=81=82</p>\r\n--x--\r\n"

func TestALetterIsDecodedLikeInAMailProgram(t *testing.T) {
	mails := start(t)
	if err := mails.send(); err != nil {
		t.Fatal(err)
	}
	kept := mails.letters(t)
	if len(kept) != 1 {
		t.Fatalf("got %d letters, want 1", len(kept))
	}
	got, want := kept[0], sink.Letter{Subject: "仮パスワード", Text: "お客様\n", HTML: "<p>あ</p>"}
	if got.Subject != want.Subject || got.Text != want.Text || got.HTML != want.HTML || got.To[0] != "b@example.jp" || got.At.IsZero() {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAModeAppliesToTheGivenNumberOfLetters(t *testing.T) {
	for _, test := range []struct {
		name string
		mode string
		fail string // a part of the sender's error; empty for any error
		kept int
	}{
		{"a refused letter is not kept", `{"refuse":451,"times":1}`, "451", 0},
		{"a recipient can be refused", `{"refuse":550,"at":"rcpt","times":1}`, "550", 0},
		{"a connection dropped while the letter comes keeps nothing", `{"drop":"data","times":1}`, "", 0},
		{"a connection dropped before the answer keeps the letter", `{"drop":"answer","times":1}`, "EOF", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			mails := start(t)
			mails.setMode(t, test.mode)
			err := mails.send()
			if err == nil || !strings.Contains(err.Error(), test.fail) {
				t.Errorf("got %v, want an error with %s", err, test.fail)
			}
			if got := len(mails.letters(t)); got != test.kept {
				t.Errorf("got %d letters, want %d", got, test.kept)
			}
			if err := mails.send(); err != nil {
				t.Errorf("the next letter: got %v, want no error", err)
			}
		})
	}
}

func TestAModeWithAnUnknownFieldIsRefused(t *testing.T) {
	mails := start(t)
	response, err := http.Post(mails.pages+"/mode", "application/json", strings.NewReader(`{"refused":451}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d, want 400", response.StatusCode)
	}
}

// running is a program that runs: its SMTP address and the URL of its pages.
type running struct{ mails, pages string }

// start runs the program until the test ends.
func start(t *testing.T) running {
	t.Helper()
	stdin, closeStdin := io.Pipe()
	output, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(stdin, stdout) }()
	t.Cleanup(func() {
		closeStdin.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ports struct{ SMTP, HTTP int }
	if err := json.Unmarshal(line, &ports); err != nil {
		t.Fatal(err)
	}
	return running{"127.0.0.1:" + strconv.Itoa(ports.SMTP), "http://127.0.0.1:" + strconv.Itoa(ports.HTTP)}
}

func (r running) send() error {
	return smtp.SendMail(r.mails, nil, "a@example.jp", []string{"b@example.jp"}, []byte(letter))
}

func (r running) letters(t *testing.T) []sink.Letter {
	t.Helper()
	response, err := http.Get(r.pages + "/letters")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var letters []sink.Letter
	if err := json.NewDecoder(response.Body).Decode(&letters); err != nil {
		t.Fatal(err)
	}
	return letters
}

func (r running) setMode(t *testing.T, mode string) {
	t.Helper()
	response, err := http.Post(r.pages+"/mode", "application/json", strings.NewReader(mode))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Fatalf("got %d for %s, want 204", response.StatusCode, mode)
	}
}
