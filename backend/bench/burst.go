package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"

	"aikagi/backend/testkit/sink"
)

// What a burst is measured with. The connections are as many as the program keeps by default.
const (
	connections   = 8
	burstPatience = 10 * time.Minute
	burstPoll     = 5 * time.Millisecond
)

// measureBurst asks for every member at once and counts the letters a second, from the first ask to the last letter.
// Beside it, in the same run, stand SMTP conversations that hand over one of these letters over kept connections, and
// go-mail, which writes each letter's bytes anew and sends them. The mail sink reads letters and keeps none.
func (s *served) measureBurst(members int) error {
	last, err := s.lastLetter()
	if err != nil {
		return err
	}
	s.mails.SetMode(sink.Mode{Discard: true})
	defer s.mails.SetMode(sink.Mode{})
	before := s.mails.Taken()
	statements, err := s.statements()
	if err != nil {
		return err
	}
	begun := time.Now()
	var refused atomic.Int64
	asked := askAll(members, func(n int) {
		if s.ask(letters+n) != nil { // the others have just got a letter
			refused.Add(1)
		}
	})
	for s.mails.Taken() < before+members-int(refused.Load()) {
		if time.Since(begun) > burstPatience {
			return fmt.Errorf("%d letters came of %d", s.mails.Taken()-before, members)
		}
		time.Sleep(burstPoll)
	}
	took := time.Since(begun)
	after, err := s.statements()
	if err != nil {
		return err
	}
	sent := members - int(refused.Load())
	fmt.Printf("  burst of %d members: asked in   %8.1f s, %d refused (503 or 429)\n", members, asked.Seconds(), refused.Load())
	if after > 0 {
		fmt.Printf("  statements of ask and letter    %8.1f\n", float64(after-statements)/float64(sent))
	}
	rate := float64(sent) / took.Seconds()
	bare, err := perSecond(connections, sent, func() (func() error, func(), error) { return s.bareConversation(last.Raw) })
	if err != nil {
		return err
	}
	library, err := perSecond(connections, sent, func() (func() error, func(), error) { return s.goMail(last) })
	if err != nil {
		return err
	}
	fmt.Printf("  letters out of the burst        %8.0f /s        (bare SMTP %.0f /s, ratio %.2f; go-mail %.0f /s, ratio %.2f)\n",
		rate, bare, rate/bare, library, rate/library)
	return nil
}

// lastLetter is the letter that the sink took last, as the program wrote it. If there is none, a member asks for one who is
// not part of the burst.
func (s *served) lastLetter() (sink.Letter, error) {
	if s.mails.Count() == 0 {
		if err := s.ask(0); err != nil {
			return sink.Letter{}, err
		}
		for begun := time.Now(); s.mails.Count() == 0; time.Sleep(burstPoll) {
			if time.Since(begun) > letterMissing {
				return sink.Letter{}, errors.New("no letter to measure with came")
			}
		}
	}
	return s.mails.Letters()[0], nil
}

// askAll asks once for each member, from many clients, and says how long that took.
func askAll(members int, ask func(n int)) time.Duration {
	var next atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	for range clients {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < members; n = int(next.Add(1)) - 1 {
				ask(n)
			}
		})
	}
	all.Wait()
	return time.Since(begun)
}

// perSecond does one thing so often, over some connections side by side.
func perSecond(connections, times int, open func() (do func() error, leave func(), err error)) (float64, error) {
	var left atomic.Int64
	left.Store(int64(times))
	failed := make([]error, connections)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range connections {
		all.Go(func() {
			do, leave, err := open()
			if err != nil {
				failed[i] = err
				return
			}
			defer leave()
			for left.Add(-1) >= 0 && failed[i] == nil {
				failed[i] = do()
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	if at := slices.IndexFunc(failed, func(err error) bool { return err != nil }); at >= 0 {
		return 0, failed[at]
	}
	return float64(times) / took.Seconds(), nil
}

// bareConversation hands over a finished letter, with nothing around the SMTP commands.
func (s *served) bareConversation(raw string) (do func() error, leave func(), err error) {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.mails.SMTPPort))
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
func (s *served) goMail(letter sink.Letter) (do func() error, leave func(), err error) {
	client, err := gomail.NewClient("127.0.0.1", gomail.WithPort(s.mails.SMTPPort), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop())
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
