package main

import (
	"errors"
	"net/http"
	"slices"

	"aikagi/backend/member"
	"aikagi/backend/testkit/fleet"
)

// asked are the kinds of ask, in the order in which they take turns in the numbers of the login IDs: so the names of
// all kinds look alike and lie side by side in every index.
var asked = []kind{known, unknown, mismatched, suspended}

// firstNumber makes all numbers as long as each other.
const firstNumber = 1_000_000

func number(k kind, n int) int { return firstNumber + len(asked)*n + slices.Index(asked, k) }

// crowd is count members of each kind. Each is asked for once: the first ask for a member causes the most work.
func crowd(count int) []member.Member {
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

func ask(k kind, n int) []byte {
	address := fleet.MailAddress(number(k, n))
	if k == mismatched {
		address = fleet.MailAddress(number(known, n))
	}
	return post("/api/recoveries", "login_id", fleet.LoginID(number(k, n)), "mail_address", address)
}

// asks asks for recovery of a crowd, and makes the other calls through the recoveries that this opened.
func (c *check) asks(p *place) (err error) {
	s, err := p.serve(conditions{members: crowd(c.pairs)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	opened, err := c.recover(s, "recovery", c.pairs)
	if err != nil {
		return err
	}
	if err := c.through(s, opened, "letter", http.StatusAccepted, askAgain); err != nil {
		return err
	}
	if err := c.through(s, opened, "state", http.StatusOK, get); err != nil {
		return err
	}
	return c.through(s, opened, "redemption", http.StatusUnprocessableEntity, func(recovery string) []byte {
		return post(recovery+"/redemption", "temporary_password", "Wrong2345")
	})
}

// withoutMailShare is what part of the pairs the asks get while the mail server is down: nothing that answers them can
// know of it but by the postman's load.
const withoutMailShare = 2

// asksWithoutMail asks for recovery and for the mail again while no mail server listens.
func (c *check) asksWithoutMail(p *place) (err error) {
	pairs := max(2, c.pairs/withoutMailShare)
	s, err := p.serve(conditions{members: crowd(pairs), mailDown: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	opened, err := c.recover(s, "recovery-smtp-down", pairs)
	if err != nil {
		return err
	}
	return c.through(s, opened, "letter-smtp-down", http.StatusAccepted, askAgain)
}

func askAgain(recovery string) []byte { return post(recovery + "/letter") }

// paths are those of the recoveries that asks of one kind opened.
type paths map[kind][]string

// recover asks for recovery of so many of each kind.
func (c *check) recover(s *server, scenario string, count int) (paths, error) {
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

// through makes one call through each recovery, when all asks are resolved.
func (c *check) through(s *server, opened paths, scenario string, status int, request func(recovery string) []byte) error {
	if !c.wanted.MatchString(scenario) {
		return nil
	}
	if err := s.rest(); err != nil {
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
