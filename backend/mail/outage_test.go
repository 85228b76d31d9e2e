package mail_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/mail"
	"aikagi/backend/testkit"
)

func TestWhileTheMailServerIsAwayLettersProbeItOneAtATime(t *testing.T) {
	for name, away := range map[string]error{
		"unreachable": errUnreached,
		"535 5.7.8":   &mail.UnreachedError{Code: 535, Enhanced: "5.7.8", Err: errors.New("AUTH")},
		"421 4.3.2":   &mail.UnreachedError{Code: 421, Enhanced: "4.3.2", Err: errors.New("greeting")},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *testkit.World) {
				const letters = 70 // more than one claim takes
				server, db := &awayServer{err: away}, &claimCounter{Store: w.Store.Letters()}
				w.Postman.Transport, w.Postman.Store, w.Postman.Senders = server, db, 8
				stop := startPostman(t, w.Postman)
				defer stop()
				time.Sleep(300 * time.Millisecond) // so that no probe comes together with a poll
				enrolMany(t, w, letters)
				w.Postman.Wake()
				time.Sleep(time.Minute)
				synctest.Wait()
				server.takeTried()
				db.reset()

				time.Sleep(10 * time.Minute)
				synctest.Wait()
				tried := server.takeTried()
				if got := len(tried); got < 10*4 || got > 10*12+1 {
					t.Errorf("%d tries in 10 minutes, want one every 5 s", got)
				}
				if claimed := db.reset(); claimed != len(tried) {
					t.Errorf("%d letters were claimed for %d probes", claimed, len(tried))
				}
				slices.Sort(tried)
				if distinct := len(slices.Compact(tried)); distinct < letters {
					t.Errorf("only %d different letters probed", distinct)
				}
				answered := 0
				for _, kept := range lettersIn(t, w, mail.Waiting) {
					if kept.Tries != 0 || kept.BegunAt != nil || kept.AnsweredAt != nil || kept.Answer != "" && kept.Answer != name {
						t.Fatalf("got %+v, want nothing counted and the answer %q", kept, name)
					}
					if kept.Answer == name {
						answered++
					}
				}
				if answered < letters {
					t.Errorf("%d letters show the answer of their probe", answered)
				}

				server.setError(nil)
				time.Sleep(6 * time.Second)
				synctest.Wait()
				server.sent.wantOnce(t, letters)
				if got := len(lettersIn(t, w, mail.Accepted)); got != letters {
					t.Errorf("%d letters accepted 6 s after the server was back, want all %d", got, letters)
				}
				atOnce := 0
				for _, at := range server.taken {
					if at.Equal(server.taken[0]) {
						atOnce++
					}
				}
				if atOnce < letters-2 { // the probes of the last 5 s wait a little longer
					t.Errorf("%d letters went together with the probe, want all others", atOnce)
				}
			})
		})
	}
}

// A server that refuses letters can be reached.
func TestARefusalOfTheProbeLetsAllGoOn(t *testing.T) {
	for name, answer := range map[string]error{
		"refused": errRefused, "lost": &mail.LostError{Err: errors.New("reset")}, "not taken": errors.New("reset after RCPT"),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *testkit.World) {
				enrolMany(t, w, 30)
				server := &awayServer{err: errUnreached}
				w.Postman.Transport = server
				stop := startPostman(t, w.Postman)
				defer stop()
				time.Sleep(time.Minute)
				synctest.Wait()
				server.setError(answer)
				time.Sleep(5500 * time.Millisecond)
				synctest.Wait()
				for _, kept := range lettersIn(t, w, mail.Waiting) {
					if kept.Tries == 0 {
						t.Fatalf("got %+v, want every letter tried", kept)
					}
				}
			})
		})
	}
}

func TestALetterThatReachesNoServerDelaysNoOther(t *testing.T) {
	for name, due := range map[string]func(t *testing.T, w *testkit.World){
		"before others like it": func(t *testing.T, w *testkit.World) { enrolMany(t, w, 30) },
		"before notices":        func(t *testing.T, w *testkit.World) { enrolMany(t, w, 1); makeNoticesDue(t, w, 29) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *testkit.World) {
				due(t, w)
				server := &awayServer{err: errUnreached}
				w.Postman.Transport, w.Postman.Senders = server, 1
				stop := startPostman(t, w.Postman)
				defer stop()
				synctest.Wait()
				server.mu.Lock()
				first := server.tried[0]
				server.unreachableFor, server.err = func(m mail.Message) bool { return m.ID == first }, nil
				server.mu.Unlock()
				time.Sleep(30 * time.Second)
				synctest.Wait()
				server.sent.wantOnce(t, 29)
			})
		})
	}
}

func TestTemporaryPasswordLettersThatReachNoServerDelayNoNotice(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 20)
		makeNoticesDue(t, w, 20)
		server := &awayServer{unreachableFor: carriesPassword}
		w.Postman.Transport = server
		stop := startPostman(t, w.Postman)
		defer stop()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		server.sent.wantOnce(t, 20)
	})
}

func TestALetterThatBecomesDueDuringAnOutageWaitsForTheProbe(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 1)
		server := &awayServer{err: errUnreached}
		w.Postman.Transport = server
		stop := startPostman(t, w.Postman)
		defer stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		server.takeTried()
		for range 100 {
			w.Postman.Wake()
			synctest.Wait()
		}
		if got := len(server.takeTried()); got != 0 {
			t.Errorf("%d tries because the Postman was woken, want none", got)
		}
	})
}

// If all letters ended during the outage, no letter is left as a probe. The next letter is tried at once.
func TestTheFirstLetterAfterAQuietOutageProbesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		m := w.Enrol(t, taro, taroAddress, "Old-pass99")
		ask(t, w, taro, taroAddress)
		server := &awayServer{err: errUnreached}
		w.Postman.Transport = server
		stop := startPostman(t, w.Postman)
		defer stop()
		synctest.Wait()
		if err := w.Store.Recoveries().DropLetters(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		server.setError(nil)
		begun := time.Now()
		enrolMany(t, w, 1)
		w.Postman.Wake()
		synctest.Wait()
		if took := time.Since(begun); took != 0 || len(lettersIn(t, w, mail.Accepted)) != 1 {
			t.Errorf("%d letters accepted after %s, want 1 at once", len(lettersIn(t, w, mail.Accepted)), took)
		}
	})
}

// A probe on a dead connection must not hide that the server is back.
func TestAProbeThatHangsIsFollowedByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 20)
		hang := make(chan struct{})
		server := &awayServer{err: errUnreached}
		w.Postman.Transport = transportFunc(func(ctx context.Context, m mail.Message) error {
			err := server.Send(ctx, m)
			select {
			case <-hang:
				if err != nil {
					<-ctx.Done() // a dead connection does not answer
				}
			default:
			}
			return err
		})
		w.Postman.Senders = 8
		stop := startPostman(t, w.Postman)
		time.Sleep(time.Minute)
		close(hang)
		time.Sleep(time.Minute)
		server.setError(nil)
		time.Sleep(16 * time.Second)
		synctest.Wait()
		if got := len(lettersIn(t, w, mail.Accepted)); got < 12 {
			t.Errorf("%d letters accepted 16 s after the server was back, want all but those whose probes hang", got)
		}
		stop()
	})
}

func TestAnOutageReleasesLettersToOtherServers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 50)
		w.Postman.Transport = &awayServer{err: errUnreached}
		stop := startPostman(t, w.Postman)
		defer stop()
		synctest.Wait()
		other := secondPostman(w, w.Store.Letters())
		other.Transport = w.Out
		other.Drain(t.Context()) // at the same time, so no claim has expired
		if got := len(w.Out.Messages()); got != 50-w.Postman.Senders {
			t.Errorf("another server sent %d letters, want all but the %d that were just tried", got, w.Postman.Senders)
		}
	})
}

func TestAnOutageIsLoggedWhenItBeginsChangesAndEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, w *testkit.World) {
		enrolMany(t, w, 5)
		server := &awayServer{err: errUnreached}
		var log strings.Builder
		w.Postman.Transport, w.Postman.Log = server, slog.New(slog.NewTextHandler(&log, nil))
		stop := startPostman(t, w.Postman)
		time.Sleep(10 * time.Minute)
		server.setError(&mail.UnreachedError{Code: 535, Enhanced: "5.7.8", Err: errors.New("AUTH")})
		time.Sleep(10 * time.Minute)
		server.setError(nil)
		time.Sleep(time.Minute)
		stop()
		for text, want := range map[string]int{"cannot be reached": 2, "answer=unreachable": 1, `answer="535 5.7.8"`: 1, "reached again": 1, "letter accepted": 5} {
			if got := strings.Count(log.String(), text); got != want {
				t.Errorf("%q is logged %d times, want %d", text, got, want)
			}
		}
	})
}
