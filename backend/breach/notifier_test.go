package breach

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scriptedStore returns one prepared answer after the other.
type scriptedStore struct {
	answers  []func() (Breach, error)
	lookedAt []time.Duration
	made     int
	since    time.Time
}

func (s *scriptedStore) Latest(context.Context) (Breach, error) {
	s.lookedAt = append(s.lookedAt, time.Since(s.since))
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return answer()
}

func (s *scriptedStore) MakeNotices(context.Context, int64, time.Time) (int, error) {
	s.made++
	return 1, nil
}

func TestAServerChecksForABreachEveryFiveSecondsAndEverySecondWhileOneMails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none := func() (Breach, error) { return Breach{}, ErrNone }
		away := func() (Breach, error) { return Breach{}, errors.New("away") }
		mails := func() (Breach, error) { return Breach{VoidedAt: new(time.Time), Notices: 2}, nil }
		paused := func() (Breach, error) { return Breach{VoidedAt: new(time.Time), Notices: 2, Paused: true}, nil }
		store := &scriptedStore{answers: []func() (Breach, error){none, away, away, mails, mails, paused}, since: time.Now()}
		var log bytes.Buffer
		woken := 0
		n := Notifier{Store: store, WakePostman: func() { woken++ }, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		n.Run(ctx)
		want := []time.Duration{0, 5 * time.Second, 10 * time.Second, 15 * time.Second, 16 * time.Second, 17 * time.Second}
		if !slices.Equal(store.lookedAt, want) {
			t.Errorf("looked at %v, want %v", store.lookedAt, want)
		}
		if store.made != 2 || woken != 2 || strings.Count(log.String(), "could not be made") != 1 {
			t.Errorf("made %d, woken %d; log:\n%s", store.made, woken, log.String())
		}
	})
}
