package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"

	"aikagi/backend/testkit/sink"
)

// bareConversation hands over a finished letter, with nothing around the SMTP commands.
func bareConversation(port int, raw string) (do func() error, leave func(), err error) {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, nil, err
	}
	reader := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string, code int) error {
		if line != "" {
			if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
				return err
			}
		}
		_, _, err := reader.ReadResponse(code)
		return err
	}
	leave = func() { _ = conn.Close() }
	if err := say("", 220); err != nil {
		return nil, leave, err
	}
	if err := say("EHLO bench.example", 250); err != nil {
		return nil, leave, err
	}
	return func() error {
		for _, step := range []struct {
			line string
			code int
		}{{"MAIL FROM:<support@example.jp>", 250}, {"RCPT TO:<member@xxx.mm-m.ne.jp>", 250}, {"DATA", 354}, {raw + "\r\n.", 250}} {
			if err := say(step.line, step.code); err != nil {
				return err
			}
		}
		return nil
	}, leave, nil
}

// goMail writes and sends the same letter with go-mail, over a connection that it keeps.
func goMail(port int, letter sink.Letter) (do func() error, leave func(), err error) {
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(port), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop())
	if err != nil {
		return nil, nil, err
	}
	if err := client.DialWithContext(context.Background()); err != nil {
		return nil, nil, err
	}
	return func() error {
		message := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64))
		if err := message.From("support@example.jp"); err != nil {
			return err
		}
		if err := message.To("member@xxx.mm-m.ne.jp"); err != nil {
			return err
		}
		message.Subject(letter.Subject)
		message.SetDate()
		message.SetMessageID()
		message.SetBodyString(gomail.TypeTextPlain, letter.Text)
		message.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
		return client.Send(message)
	}, func() { _ = client.Close() }, nil
}
