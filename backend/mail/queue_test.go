package mail

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestALetterThatWaitsAgainComesBeforeAllOthersOfItsPriorityOnly(t *testing.T) {
	var q queue
	names := map[chan turn]string{}
	names[q.join(TemporaryPasswords)] = "first password"
	names[q.join(Notices)] = "first notice"
	names[q.join(TemporaryPasswords)] = "second password"
	names[q.rejoin(Notices)] = "notice again"
	names[q.rejoin(TemporaryPasswords)] = "password again"
	names[q.join(TemporaryPasswords)] = "third password"
	var got []string
	for _, w := range q {
		got = append(got, names[w.turn])
	}
	want := []string{"password again", "first password", "second password", "third password", "notice again", "first notice"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if q.mayPass(Notices) || !q.mayPass(TemporaryPasswords) {
		t.Error("a notice may pass a temporary password, or a temporary password may not pass its like")
	}
}

func TestATemporaryPasswordDoesNotWaitBehindANoticeThatExchangesItsConnection(t *testing.T) {
	waits := map[string]time.Duration{"greeting": time.Second, "MAIL": time.Second, ".": 500 * time.Millisecond}
	server := &smallServer{limit: 1, waits: waits}
	server.answer = func(connection int, command string) string {
		if command == "MAIL" && connection == 1 && len(server.letters) == 1 {
			return "452 4.5.3 too many messages this session\r\n"
		}
		return "-"
	}
	withSmallServer(t, server, func(t *testing.T, transport *SMTP) {
		notice := exampleMessage
		notice.Priority = Notices
		if err := transport.Send(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		var letters sync.WaitGroup
		letters.Go(func() { // over the first connection, which takes no more
			if err := transport.Send(t.Context(), notice); err != nil && !errors.Is(err, ErrAllBusy) {
				t.Errorf("got %v, want the notice sent or other letters before it", err)
			}
		})
		synctest.Wait()
		letters.Go(func() {
			begun := time.Now()
			mustSend(t, transport)
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("the temporary password waited %s", took)
			}
		})
		time.Sleep(1500 * time.Millisecond)
		stop := keepBusy(t, transport, 3)
		time.Sleep(20 * time.Minute)
		if longest := stop(); longest > 10*time.Second {
			t.Errorf("a later temporary password waited %s", longest)
		}
		letters.Wait()
	})
}
