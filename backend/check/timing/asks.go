package main

import (
	"errors"
	"net/http"
	"slices"

	"aikagi/backend/member"
	"aikagi/backend/testkit/fleet"
)

// asked are the kinds of asks. The numbers of the login IDs alternate between them in this order, so that the login IDs of all kinds
// look alike and are neighbours in every index.
var asked = []kind{known, unknown, mismatched, suspended}

// firstNumber gives all numbers the same length.
const firstNumber = 1_000_000

// number is the number of the n-th login ID of a kind.
func number(k kind, n int) int { return firstNumber + len(asked)*n + slices.Index(asked, k) }

// membersOfEachKind gives count members of each kind. Each of them is asked for once, because the first ask causes the most work.
func membersOfEachKind(count int) []member.Member {
	var members []member.Member
	for n := range count {
		for _, k := range []kind{known, mismatched, suspended} {
			m := fleet.Member(number(k, n))
			if k == suspended {
				m.Status = member.Suspended
			}
			members = append(members, m)
		}
	}
	return members
}

// ask is the request of an ask for the n-th login ID of a kind.
func ask(k kind, n int) []byte {
	address := fleet.MailAddress(number(k, n))
	if k == mismatched {
		address = fleet.MailAddress(number(known, n))
	}
	return post("/api/recoveries", "login_id", fleet.LoginID(number(k, n)), "mail_address", address)
}

// asks times asks for members of each kind, and the other calls of the recoveries that these open.
func (c *check) asks(d *database) (err error) {
	s, err := d.serve(conditions{members: membersOfEachKind(c.pairs)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	opened, err := c.ask(s, "recovery", c.pairs)
	if err != nil {
		return err
	}
	if err := c.callEach(s, opened, "letter", http.StatusAccepted, askAgain); err != nil {
		return err
	}
	if err := c.callEach(s, opened, "state", http.StatusOK, get); err != nil {
		return err
	}
	return c.callEach(s, opened, "redemption", http.StatusUnprocessableEntity, func(recovery string) []byte {
		return post(recovery+"/redemption", "temporary_password", "Wrong2345")
	})
}

// withoutMailShare divides the number of pairs while the mail server is down. Only the load of the workers could make a difference
// to the answers then.
const withoutMailShare = 2

// asksWithoutMail times asks and requests for the mail again while the mail server is down.
func (c *check) asksWithoutMail(d *database) (err error) {
	pairs := max(2, c.pairs/withoutMailShare)
	s, err := d.serve(conditions{members: membersOfEachKind(pairs), mailDown: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	opened, err := c.ask(s, "recovery-smtp-down", pairs)
	if err != nil {
		return err
	}
	return c.callEach(s, opened, "letter-smtp-down", http.StatusAccepted, askAgain)
}

func askAgain(recovery string) []byte { return post(recovery + "/letter") }

// paths are the paths of the recoveries that were opened, by kind.
type paths map[kind][]string

// ask times count asks of each kind, and returns the paths of their recoveries.
func (c *check) ask(s *server, scenario string, count int) (paths, error) {
	var calls []call
	for _, k := range asked {
		for n := range count {
			calls = append(calls, call{k, ask(k, n), http.StatusAccepted})
		}
	}
	opened := make(paths)
	times, err := s.sample(calls, func(k kind, body []byte) error {
		path, err := pathOf(body)
		opened[k] = append(opened[k], path)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.report(scenario, times, unknown, mismatched, suspended)
	return opened, nil
}

// callEach waits until all asks are resolved, and then times one call of each recovery.
func (c *check) callEach(s *server, opened paths, scenario string, status int, request func(recovery string) []byte) error {
	if !c.wanted.MatchString(scenario) {
		return nil
	}
	if err := s.awaitIdle(); err != nil {
		return err
	}
	var calls []call
	for k, recoveries := range opened {
		for _, path := range recoveries {
			calls = append(calls, call{k, request(path), status})
		}
	}
	times, err := s.sample(calls, nil)
	if err == nil {
		c.report(scenario, times, unknown, mismatched, suspended)
	}
	return err
}
