package mail_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
)

func TestALetterThatGotNoConnectionBecauseOfOthersBeginsNoOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 2)
		first := true
		w.Postman.Senders = 1
		w.Postman.Transport = transportFunc(func(_ context.Context, m mail.Message) error {
			if first {
				first = false
				return &mail.UnreachedError{Err: fmt.Errorf("no free connection: %w", mail.ErrAllBusy)}
			}
			return w.Out.Send(t.Context(), m)
		})
		log := runUntilIdle(t, w)
		if got := len(lettersIn(t, w, mail.Accepted)); got != 1 || strings.Contains(log, "cannot be reached") {
			t.Errorf("%d letters were accepted and %q was logged, want the other letter accepted at once and no outage", got, log)
		}
	})
}

func TestAStopIsNoOutage(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 3)
		w.Postman.Transport = transportFunc(func(ctx context.Context, _ mail.Message) error {
			<-ctx.Done()
			return &mail.UnreachedError{Err: context.Cause(ctx)}
		})
		if log := runUntilIdle(t, w); strings.Contains(log, "cannot be reached") {
			t.Errorf("%q was logged, want no outage", log)
		}
	})
}

// runUntilIdle runs the Postman until it waits, then stops it. It returns the log.
func runUntilIdle(t *testing.T, w *testkit.World) string {
	t.Helper()
	var log strings.Builder
	w.Postman.Log = slog.New(slog.NewTextHandler(&log, nil))
	stop := startPostman(t, w.Postman)
	synctest.Wait()
	stop()
	return log.String()
}
