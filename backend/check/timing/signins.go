package main

import (
	"errors"
	"net/http"
	"strings"

	"aikagi/backend/testkit/fleet"
)

// The cheapest hashes that the program takes: they hide least. Each is of a password that nobody here types.
const (
	cheapArgon2id   = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	cheapBcrypt     = "$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234"
	cheapSHA512     = "$6$rounds=1000$saltsalt$" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"
	cheapArgon2Cost = "AIKAGI_ARGON2_MEMORY=8 AIKAGI_ARGON2_ITERATIONS=1"
)

// wrongPassword has a length at which sha512-crypt shows the salt's: more than half of its rounds hash one block with a
// salt of 8 characters, and two with one of 16.
const wrongPassword = "Wrong-Password23"

func (c *check) signInsArgon2id(p *place) error {
	return c.signIns(p, "sign-in-argon2id", cheapArgon2id)
}

func (c *check) signInsBcrypt(p *place) error { return c.signIns(p, "sign-in-bcrypt", cheapBcrypt) }

func (c *check) signInsSHACrypt(p *place) error {
	return c.signIns(p, "sign-in-sha512-crypt", cheapSHA512)
}

// signInsMixed has members whose hashes are not evenly spread, as after an import: one login ID tells little, but were
// the hashes of nobody spread otherwise, all together would.
func (c *check) signInsMixed(p *place) error {
	return c.signIns(p, "sign-in-mixed", cheapArgon2id, cheapBcrypt, cheapBcrypt, cheapBcrypt, cheapBcrypt, cheapSHA512)
}

// signInsLimited has the limits on, in Redis too where the place has one. Each call comes from a network of its own, so
// that no limit refuses it.
func (c *check) signInsLimited(p *place) error {
	with := conditions{redis: true, more: []string{"AIKAGI_RATE_LIMITS=on", "AIKAGI_TRUSTED_PROXIES=127.0.0.1"}}
	return c.signInsWith(p, "sign-in-limits", with, cheapArgon2id)
}

// signIns has the limits off.
func (c *check) signIns(p *place, scenario string, hashes ...string) error {
	return c.signInsWith(p, scenario, conditions{}, hashes...)
}

// signInsWith signs in with a wrong password, for members who have these hashes in turn and for unknown login IDs.
func (c *check) signInsWith(p *place, scenario string, with conditions, hashes ...string) (err error) {
	members := crowd(c.pairs)
	for i := range members {
		members[i].PasswordHash = hashes[i/3%len(hashes)] // three kinds of member follow each other
	}
	with.members, with.more = members, append(with.more, strings.Fields(cheapArgon2Cost)...)
	s, err := p.serve(with)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	var calls []call
	for n := range c.pairs {
		for _, k := range []kind{known, unknown, suspended} {
			request := post("/api/session", "login_id", fleet.LoginID(number(k, n)), "password", wrongPassword)
			calls = append(calls, call{k, from(len(calls), request), http.StatusUnauthorized})
		}
	}
	times, err := s.sample(calls, nil)
	if err == nil {
		c.report(scenario, times, unknown, suspended)
	}
	return err
}
