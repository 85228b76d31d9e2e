package recovery_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// An operator did step 2 of a rotation of keys on one server before step 1 on the other.
func TestAMissingKeyIsCountedAndLoggedOnceAMinute(t *testing.T) {
	onBoth(t, func(t *testing.T, w *testkit.World) {
		var log bytes.Buffer
		uses := make(map[recovery.KeyUse]int)
		w.Service.Log = slog.New(slog.NewTextHandler(&log, nil))
		w.Service.OnUnknownKey = func(use recovery.KeyUse) { uses[use]++ }
		key, err := recovery.GenerateKey("rotated")
		if err != nil {
			t.Fatal(err)
		}
		rotated, err := recovery.NewRing(key)
		if err != nil {
			t.Fatal(err)
		}
		own := w.Service.Keys
		askRotated := func() browser {
			w.Service.Keys = rotated
			defer func() { w.Service.Keys = own }()
			return ask(t, w, taro, taroAddress)
		}
		asked := askRotated()
		askRotated()
		resolve(t, w)
		if got := asked.row().Outcome; got != recovery.AddressDiffers {
			t.Errorf("got the outcome %q", got)
		}
		_, err = asked.redeem(recovery.NewTemporaryPassword("Guess2345"))
		if wrong := (*recovery.WrongError)(nil); !errors.As(err, &wrong) {
			t.Errorf("a guess: got %v", err)
		}
		if uses[recovery.KeyOfAsk] != 2 || uses[recovery.KeyOfRedemption] != 1 {
			t.Errorf("counted %v, want 2 asks and a redemption", uses)
		}
		warned := func() int { return strings.Count(log.String(), "key=rotated") }
		if warned() != 1 || strings.Contains(log.String(), string(taroAddress)) {
			t.Errorf("got the log\n%s", log.String())
		}
		w.Clock.Move(time.Minute)
		askRotated()
		resolve(t, w)
		if warned() != 2 {
			t.Errorf("a minute later: got the log\n%s", log.String())
		}
		ask(t, w, taro, taroAddress)
		resolve(t, w)
		if uses[recovery.KeyOfAsk] != 3 {
			t.Errorf("an ask with a known key was counted: %v", uses)
		}
	})
}
