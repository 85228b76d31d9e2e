package sink

import (
	"io"
	"time"

	"github.com/emersion/go-smtp"
)

// session is one SMTP connection, over which letters come one after the other.
type session struct {
	sink *Sink
	conn *smtp.Conn
	mode Mode
	to   []string
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	s.to, s.mode = nil, s.sink.nextMode()
	return s.refusal("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return s.refusal("rcpt")
}

func (s *session) Data(content io.Reader) error {
	if s.mode.Drop == "data" {
		return s.conn.Close()
	}
	if s.mode.Discard {
		_, err := io.Copy(io.Discard, content)
		if err == nil {
			s.sink.taken.Add(1)
		}
		return err
	}
	raw, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	receivedAt := s.sink.Now()
	time.Sleep(time.Duration(s.mode.Delay) * time.Millisecond)
	if err := s.refusal("data"); err != nil {
		return err
	}
	letter, err := parseLetter(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	letter.To, letter.At = s.to, receivedAt
	s.sink.keep(letter)
	if s.mode.Drop == "answer" {
		return s.conn.Close()
	}
	return nil
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

// refusal returns the error with which the mode refuses a command, or nil.
func (s *session) refusal(command string) error {
	at := s.mode.At
	if at == "" {
		at = "data"
	}
	if s.mode.Refuse == 0 || at != command {
		return nil
	}
	return &smtp.SMTPError{
		Code:         s.mode.Refuse,
		EnhancedCode: smtp.EnhancedCode{s.mode.Refuse / 100, 7, 1},
		Message:      "refused by the mode of the test",
	}
}
