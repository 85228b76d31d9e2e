package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"aikagi/backend/testkit/fleet"
)

// roundsEverywhere is how often what one node has just written is asked of another.
const roundsEverywhere = 200

// judgeEverywhere asks of one node what another has written an instant before: a fresh recovery is found, its guesses
// are counted together, a session of the old password is over. The servers here each prefer another node, which an
// operator would not do; with all on one node there would be nothing to see.
func (s *site) judgeEverywhere() error {
	var spread []*fleet.Program
	for n := range 3 {
		nodes := append(s.nodes.Nodes[n:3:3], s.nodes.Nodes[:n]...)
		server, err := s.server(fmt.Sprintf("spread%d-%d", n+1, rand.Uint32()), nodes...)
		if err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		defer server.Kill()
		spread = append(spread, server)
	}
	for n := range roundsEverywhere {
		if err := judgeRecovery(spread[n%3], spread[(n+1)%3], spread[(n+2)%3]); err != nil {
			return fmt.Errorf("round %d: %w", n, err)
		}
	}
	for range roundsEverywhere / 10 {
		if err := s.judgeSession(spread); err != nil {
			return err
		}
	}
	fmt.Printf("what one node wrote was judged right by the others at once, %d times\n", roundsEverywhere)
	return nil
}

func judgeRecovery(a, b, c *fleet.Program) error {
	ask := fleet.NewBrowser(a.Base, nil)
	ask.Address = fleet.AnyAddress()
	got, err := ask.Want(http.StatusAccepted, "POST", "/api/recoveries", "login_id", "nobody", "mail_address", "nobody@xxx.mm-m.ne.jp")
	if err != nil {
		return err
	}
	path := "/api/recoveries/" + got.Text("id")
	ask.Base = b.Base
	if _, err := ask.Want(http.StatusOK, "GET", path); err != nil {
		return fmt.Errorf("asked of another node: %w", err)
	}
	for n := range 5 {
		ask.Base = []*fleet.Program{a, b, c}[n%3].Base
		got, err := ask.Want(http.StatusUnprocessableEntity, "POST", path+"/redemption", "temporary_password", "wrong")
		if err != nil {
			return err
		}
		if left := fmt.Sprintf(`"guesses_left":%d`, 4-n); !strings.Contains(got.Body, left) {
			return fmt.Errorf("guess %d on another node: got %s, want %s", n+1, got.Body, left)
		}
	}
	ask.Base = c.Base
	_, err = ask.Want(http.StatusGone, "POST", path+"/redemption", "temporary_password", "wrong")
	return err
}

// judgeSession signs a new member in on one server, changes the password on another, and asks a third.
func (s *site) judgeSession(servers []*fleet.Program) error {
	id := s.visitor()
	own, other := fleet.NewBrowser(servers[0].Base, nil), fleet.NewBrowser(servers[1].Base, nil)
	own.Address, other.Address = fleet.AnyAddress(), fleet.AnyAddress()
	_, signedIn := own.Want(http.StatusOK, "POST", "/api/session", "login_id", id, "password", fleet.Password)
	_, signedInToo := other.Want(http.StatusOK, "POST", "/api/session", "login_id", id, "password", fleet.Password)
	other.Base = servers[2].Base
	_, seen := other.Want(http.StatusOK, "GET", "/api/session")
	_, changed := own.Want(http.StatusNoContent, "PUT", "/api/member/password", "current_password", fleet.Password, "new_password", "Second-pass2")
	_, over := other.Want(http.StatusUnauthorized, "GET", "/api/session")
	own.Base = servers[1].Base
	_, kept := own.Want(http.StatusOK, "GET", "/api/session")
	return errors.Join(signedIn, signedInToo, seen, changed, over, kept)
}

// untilSignedIn says how long it takes until a member is signed in, and seen to be.
func (s *site) untilSignedIn() (time.Duration, error) {
	begun := time.Now()
	for {
		b := fleet.NewBrowser(s.servers[2].Base, nil)
		b.Address = fleet.AnyAddress()
		_, err := b.Want(http.StatusOK, "POST", "/api/session", "login_id", s.visitor(), "password", fleet.Password)
		if err == nil {
			_, err = b.Want(http.StatusOK, "GET", "/api/session")
		}
		if err == nil {
			return time.Since(begun), nil
		}
		if time.Since(begun) > time.Minute {
			return 0, err
		}
	}
}

// visitor is a member who has not been here and asks for no recovery.
func (s *site) visitor() string {
	s.visitors++
	return fleet.LoginID(members - s.visitors)
}
