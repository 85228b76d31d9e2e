package sink

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink accepts letters over SMTP and serves them over HTTP. It is safe for concurrent use.
type Sink struct {
	// Now returns the time for Letter.At.
	Now func() time.Time

	mu      sync.Mutex
	letters []Letter
	mode    Mode
	taken   atomic.Int64
}

// Mode tells how the sink treats the next letters. The zero Mode accepts every letter at once.
type Mode struct {
	// Refuse is the reply code (4xx or 5xx) that refuses a letter. 0 refuses none.
	Refuse int `json:"refuse"`
	// At is the command that is refused: "mail", "rcpt" or, by default, "data".
	At string `json:"at"`
	// Delay is the time before the reply to a letter, in milliseconds.
	Delay int `json:"delay"`
	// Drop closes the connection. With "data" this happens before the letter is received, and it is not kept. With "answer" it
	// happens after that, in place of the reply: the letter is kept, but the sender does not know.
	Drop string `json:"drop"`
	// Discard accepts letters without decoding or keeping them, so that the sink disturbs a measurement less.
	Discard bool `json:"discard"`
	// Times is how many letters the mode applies to. 0 means all letters until the next mode.
	Times int `json:"times"`
}

// Letters returns the letters that the sink holds, the newest first. It never returns nil.
func (s *Sink) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := append([]Letter{}, s.letters...)
	slices.Reverse(letters)
	return letters
}

// Count returns how many letters the sink holds.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.letters)
}

// Take returns the letters since the last Take, the oldest first, and removes them from the sink.
func (s *Sink) Take() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters := s.letters
	s.letters = nil
	return letters
}

// Taken returns how many letters the sink accepted since its start, including those that it did not keep.
func (s *Sink) Taken() int { return int(s.taken.Load()) }

// SetMode sets the mode for the next letters.
func (s *Sink) SetMode(mode Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// Pages returns the HTTP handler: GET and DELETE /letters, and POST /mode.
func (s *Sink) Pages() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /letters", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.Letters()) // a client that has gone needs no answer
	})
	pages.HandleFunc("DELETE /letters", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.letters = nil
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	pages.HandleFunc("POST /mode", func(w http.ResponseWriter, r *http.Request) {
		var mode Mode
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&mode); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.SetMode(mode)
		w.WriteHeader(http.StatusNoContent)
	})
	return pages
}

// NewSession is called by package smtp for each connection.
func (s *Sink) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	return &session{sink: s, conn: conn}, nil
}

// nextMode returns the mode for a new letter.
func (s *Sink) nextMode() Mode {
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
