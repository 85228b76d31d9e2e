package mail_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit"
)

// makeNoticesDue makes notices due, all to one member.
func makeNoticesDue(t *testing.T, w *testkit.World, notices int) {
	t.Helper()
	m := w.Enrol(t, taro, taroAddress, "Old-pass99")
	err := w.Store.Recoveries().InTx(t.Context(), func(tx recovery.Store) error {
		for range notices {
			if err := tx.AddLetter(t.Context(), recovery.NoticeOfChange(m, 1, recovery.Japanese, w.Postman.Now())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func carriesPassword(m mail.Message) bool {
	return strings.Contains(m.Text, "【仮パスワード】")
}

// slowServer is a mail server that needs some time for each letter.
type slowServer struct {
	mu     sync.Mutex
	begun  []mail.Message
	during time.Duration
}

func (s *slowServer) Send(ctx context.Context, m mail.Message) error {
	s.mu.Lock()
	s.begun = append(s.begun, m)
	s.mu.Unlock()
	select {
	case <-time.After(s.during):
		return nil
	case <-ctx.Done():
		return &mail.LostError{Err: ctx.Err()}
	}
}
func (*slowServer) Check(context.Context) error { return nil }
func (*slowServer) Close() error                { return nil }

// passwords counts the tries of letters with temporary passwords.
func (s *slowServer) passwords() (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.begun {
		if carriesPassword(m) {
			count++
		}
	}
	return count
}

func TestNoticesThatWaitForTheMailServerDelayNoTemporaryPassword(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		makeNoticesDue(t, w, 300)
		server := &slowServer{during: 10 * time.Minute}
		w.Postman.Transport, w.Postman.Senders = server, 8
		stop := startPostman(t, w.Postman)
		time.Sleep(time.Minute)
		enrolMany(t, w, 2)
		w.Postman.Wake()
		synctest.Wait()
		if got := server.passwords(); got != 2 {
			t.Errorf("%d letters with a temporary password were begun at once, want 2", got)
		}
		stop()
	})
}

func TestTemporaryPasswordsThatBecomeDueOvertakeTheNoticesThatWait(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		makeNoticesDue(t, w, 300)
		server := &slowServer{during: time.Second}
		w.Postman.Transport, w.Postman.Senders = server, 1
		stop := startPostman(t, w.Postman)
		time.Sleep(5*time.Second + time.Millisecond) // some were sent, and a batch is claimed
		enrolMany(t, w, 100)                         // more than one claim takes
		time.Sleep(102 * time.Second)
		stop()
		server.mu.Lock()
		defer server.mu.Unlock()
		first := slices.IndexFunc(server.begun, carriesPassword)
		if first < 0 || first > 7 {
			t.Fatalf("the first temporary password was begun after %d notices, want some 6", first)
		}
		for i, m := range server.begun[first : first+100] {
			if !carriesPassword(m) {
				t.Fatalf("a notice was begun after %d of 100 temporary passwords", i)
			}
		}
	})
}

func TestNoticesAreSentWithAnyNumberOfSenders(t *testing.T) {
	for _, senders := range []int{1, 2, 4, 8} {
		t.Run(fmt.Sprint(senders), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *testkit.World) {
				makeNoticesDue(t, w, 100)
				w.Postman.Senders = senders
				stop := startPostman(t, w.Postman)
				defer stop()
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if got := len(w.Out.Messages()); got != 100 {
					t.Errorf("%d notices, want 100", got)
				}
			})
		})
	}
}

// If the limit of claims did not grow with the senders, many senders would wait for the next poll.
func TestManySendersAreKeptBusy(t *testing.T) {
	for _, senders := range []int{8, 32, 64, 256} {
		inBubble(t, func(t *testing.T, w *testkit.World) {
			const letters = 600
			enrolMany(t, w, letters)
			server := &slowServer{during: 20 * time.Millisecond}
			w.Postman.Transport, w.Postman.Senders = server, senders
			begun := time.Now()
			stop := startPostman(t, w.Postman)
			for server.passwords() < letters && time.Since(begun) < time.Minute {
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
			}
			// The senders send in turns. Each turn takes 20 ms, and up to gatherTimeout for gathering.
			if took, turns := time.Since(begun), (letters+senders-1)/senders; took > time.Duration(turns)*30*time.Millisecond+100*time.Millisecond {
				t.Errorf("%d senders took %s for %d letters", senders, took, server.passwords())
			}
			stop()
		})
	}
}
