package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"time"

	"aikagi/backend/testkit/fleet"
)

// breakRedis kills, empties, restarts and freezes Redis while members recover and sign in.
func breakRedis(f *fleet.Fleet, rounds int) error {
	redis, err := f.NewRedis("redis")
	if err != nil {
		return err
	}
	if err := redis.Start(); err != nil {
		return err
	}
	s, _, err := newOnMariaDB(f, fleet.Settings{Redis: redis.URL()})
	if err != nil {
		return err
	}
	endLoad := s.ledger.Load(clients, between, s.program)
	stop := make(chan struct{})
	visits := &visits{answers: make(map[string]int)}
	visits.begin(s.program, stop)
	for range max(4, rounds/10) {
		time.Sleep(500*time.Millisecond + rand.N(time.Second))
		switch rand.N(3) {
		case 0:
			redis.Kill() // it loses all its keys
		case 1:
			if _, err := redis.Stop(10 * time.Second); err != nil {
				return err
			}
		default:
			redis.Signal(syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			redis.Signal(syscall.SIGCONT)
			continue
		}
		time.Sleep(rand.N(2 * time.Second))
		if err := redis.Start(); err != nil {
			return err
		}
		s.ledger.Receive(s.mails.Take())
	}
	endLoad()
	close(stop)
	visits.all.Wait()
	fmt.Printf("answers to sign-ins and visits: %v\n", visits.answers)
	return errors.Join(visits.judge(s.program), s.finish())
}

// visits are sign-ins and requests of the member page, with the answers to them.
type visits struct {
	mu      sync.Mutex
	all     sync.WaitGroup
	answers map[string]int // by status
	broken  []error
}

// begin signs in and reads the member page until stop is closed.
func (v *visits) begin(server *fleet.Program, stop <-chan struct{}) {
	v.all.Go(func() {
		b := fleet.NewBrowser(server.Base, nil)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(between):
			}
			b.Address = fleet.AnyAddress()
			if n%5 == 0 {
				v.record(b.Call("POST", "/api/session", "login_id", fleet.LoginID(members-1-n), "password", fleet.Password))
			}
			v.record(b.Call("GET", "/api/member"))
		}
	})
}

// record counts an answer. Of the 5xx answers only 503 with Retry-After is right.
func (v *visits) record(got fleet.Answer, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[fmt.Sprint(got.Status)]++
	if err != nil {
		v.broken = append(v.broken, err)
	}
	isRight := got.Status < http.StatusInternalServerError || got.Status == http.StatusServiceUnavailable && got.Header.Get("Retry-After") != ""
	if err == nil && !isRight {
		v.broken = append(v.broken, fmt.Errorf("answered %d %s", got.Status, got.Body))
	}
}

// judge returns the wrong answers. It also checks that the limits hold with Redis back: one login ID gets its burst and no more.
func (v *visits) judge(server *fleet.Program) error {
	if err := awaitSignIns(server); err != nil {
		return err
	}
	failed := v.broken[:min(len(v.broken), 10)]
	through := 0
	for range 20 {
		status, err := signInWrongly(server, "somebody")
		if err != nil {
			return err
		}
		if status == http.StatusUnauthorized {
			through++
		}
	}
	if through != 10 {
		failed = append(failed, fmt.Errorf("%d of 20 sign-ins for one login ID got through, want 10", through))
	}
	return errors.Join(failed...)
}

// awaitSignIns waits until the program has noticed that Redis is back: until then it answers 503 to sign-ins.
func awaitSignIns(server *fleet.Program) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		status, err := signInWrongly(server, "anybody")
		if err != nil || status != http.StatusServiceUnavailable {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("sign-ins are still answered 503 a minute after Redis is back")
		}
	}
}

// signInWrongly signs in with a wrong password from a new address.
func signInWrongly(server *fleet.Program, loginID string) (status int, err error) {
	b := fleet.NewBrowser(server.Base, nil)
	b.Address = fleet.AnyAddress()
	got, err := b.Call("POST", "/api/session", "login_id", loginID, "password", "Wrong-pass1")
	return got.Status, err
}
