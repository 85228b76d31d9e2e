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

// rounds is how often one node is asked for what another one has just written.
const rounds = 200

// checkOtherNodes checks that a server on one node sees at once what a server on another node has written: a new recovery is found,
// its guesses are counted together, and a session of the old password has ended. Each server prefers another node here. An
// operator would let all prefer the same one, but then this check would show nothing.
func (s *site) checkOtherNodes() error {
	var spread []*fleet.Program
	for n := range 3 {
		nodes := append(s.nodes.Nodes[n:3:3], s.nodes.Nodes[:n]...)
		server, err := s.newServer(fmt.Sprintf("spread%d-%d", n+1, rand.Uint32()), nodes...)
		if err != nil {
			return err
		}
		if err := server.Start(); err != nil {
			return err
		}
		defer server.Kill()
		spread = append(spread, server)
	}
	for n := range rounds {
		if err := checkRecovery(spread[n%3], spread[(n+1)%3], spread[(n+2)%3]); err != nil {
			return fmt.Errorf("round %d: %w", n, err)
		}
	}
	for range rounds / 10 {
		if err := s.checkSession(spread); err != nil {
			return err
		}
	}
	fmt.Printf("what one node wrote was seen by the others at once, %d times\n", rounds)
	return nil
}

// checkRecovery asks at one server, and guesses at all three until the guesses are used up.
func checkRecovery(a, b, c *fleet.Program) error {
	ask := fleet.NewBrowser(a.Base, nil)
	ask.Address = fleet.AnyAddress()
	got, err := ask.Want(http.StatusAccepted, "POST", "/api/recoveries", "login_id", "nobody", "mail_address", "nobody@xxx.mm-m.ne.jp")
	if err != nil {
		return err
	}
	path := "/api/recoveries/" + got.Text("id")
	ask.Base = b.Base
	if _, err := ask.Want(http.StatusOK, "GET", path); err != nil {
		return fmt.Errorf("on another node: %w", err)
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

// checkSession opens two sessions of an unused member and changes the password in one. At once, another server must have ended
// the other session only.
func (s *site) checkSession(servers []*fleet.Program) error {
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

// untilSignedIn returns how long it takes until a sign-in and a request with its session succeed.
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

// visitor is the login ID of an unused member, who asks for no recovery.
func (s *site) visitor() string {
	s.visitors++
	return fleet.LoginID(members - s.visitors)
}
