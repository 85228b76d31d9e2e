package sink

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink takes letters over SMTP and shows them over HTTP.
type Sink struct {
	// Now says when a letter came.
	Now func() time.Time

	mu      sync.Mutex
	letters []Letter
	mode    Mode
	taken   atomic.Int64
}

// Mode is how difficult the sink is to the next letters. The zero Mode takes everything at once.
type Mode struct {
	// Refuse is the reply code (4xx or 5xx) that answers a letter; 0 refuses none.
	Refuse int `json:"refuse"`
	// At is the command that Refuse answers: "mail", "rcpt" or, by default, "data".
	At string `json:"at"`
	// Delay is how many milliseconds pass before a letter is answered.
	Delay int `json:"delay"`
	// Drop closes the connection: "data" while the letter comes (it is not kept), "answer" when it has come (it is
	// kept, and the sender does not learn it).
	Drop string `json:"drop"`
	// Discard takes the letters and keeps none, unread: for who counts the microseconds of the same machine.
	Discard bool `json:"discard"`
	// Times is how many letters meet this mode before the sink is easy again; 0 is all, until the next mode.
	Times int `json:"times"`
}

// Letters are what the sink took, newest first; never nil.
func (s *Sink) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := append([]Letter{}, s.letters...)
	slices.Reverse(letters)
	return letters
}

// Count is how many letters the sink holds.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.letters)
}

// Take gives what the sink took since the last Take, oldest first, and forgets it.
func (s *Sink) Take() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := s.letters
	s.letters = nil
	return letters
}

// Taken counts all letters that the sink took so far, those too that it kept no longer or not at all.
func (s *Sink) Taken() int { return int(s.taken.Load()) }

// SetMode says how the next letters are met.
func (s *Sink) SetMode(mode Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// Pages serves what the sink took, and takes its mode.
func (s *Sink) Pages() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /letters", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Letters()) // a test that has gone away needs no answer
	})
	pages.HandleFunc("DELETE /letters", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.letters = nil
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	pages.HandleFunc("POST /mode", func(w http.ResponseWriter, r *http.Request) {
		var mode Mode
		given := json.NewDecoder(r.Body)
		given.DisallowUnknownFields()
		if err := given.Decode(&mode); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.SetMode(mode)
		w.WriteHeader(http.StatusNoContent)
	})
	return pages
}

// NewSession is called by the SMTP server for each connection.
func (s *Sink) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	return &session{sink: s, conn: conn}, nil
}

// next gives the mode that a new letter meets.
func (s *Sink) next() Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	mode := s.mode
	if mode.Times == 1 {
		s.mode = Mode{}
	}
	if mode.Times > 1 {
		s.mode.Times--
	}
	return mode
}

func (s *Sink) keep(letter Letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, letter)
	s.taken.Add(1)
}

// session is one connection; it carries one letter after the other.
type session struct {
	sink *Sink
	conn *smtp.Conn
	mode Mode
	to   []string
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	s.to, s.mode = nil, s.sink.next()
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
	came := s.sink.Now()
	time.Sleep(time.Duration(s.mode.Delay) * time.Millisecond)
	if err := s.refusal("data"); err != nil {
		return err
	}
	letter, err := parseLetter(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	letter.To, letter.At = s.to, came
	s.sink.keep(letter)
	if s.mode.Drop == "answer" {
		return s.conn.Close()
	}
	return nil
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

// refusal is the mode's no to a command, or nil.
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
