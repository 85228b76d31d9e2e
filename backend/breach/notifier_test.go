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

// scripted is a database that answers one look after the other.
type scripted struct {
	looks  []func() (Breach, error)
	looked []time.Duration
	made   int
	since  time.Time
}

func (s *scripted) Latest(context.Context) (Breach, error) {
	s.looked = append(s.looked, time.Since(s.since))
	look := s.looks[0]
	if len(s.looks) > 1 {
		s.looks = s.looks[1:]
	}
	return look()
}

func (s *scripted) MakeNotices(context.Context, int64, time.Time) (int, error) {
	s.made++
	return 1, nil
}

func TestAServerLooksForABreachNowAndThenAndEverySecondWhileOneMails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none := func() (Breach, error) { return Breach{}, ErrNone }
		away := func() (Breach, error) { return Breach{}, errors.New("away") }
		mails := func() (Breach, error) { return Breach{VoidedAt: new(time.Time), Notices: 2}, nil }
		paused := func() (Breach, error) { return Breach{VoidedAt: new(time.Time), Notices: 2, Paused: true}, nil }
		store := &scripted{looks: []func() (Breach, error){none, away, away, mails, mails, paused}, since: time.Now()}
		var log bytes.Buffer
		woken := 0
		n := Notifier{Store: store, WakePostman: func() { woken++ }, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		n.Run(ctx)
		want := []time.Duration{0, 5 * time.Second, 10 * time.Second, 15 * time.Second, 16 * time.Second, 17 * time.Second}
		if !slices.Equal(store.looked, want) {
			t.Errorf("looked at %v, want %v", store.looked, want)
		}
		if store.made != 2 || woken != 2 || strings.Count(log.String(), "could not be made") != 1 {
			t.Errorf("made %d, woken %d; log:\n%s", store.made, woken, log.String())
		}
	})
}
