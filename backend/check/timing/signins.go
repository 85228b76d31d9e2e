package main

import (
	"errors"
	"net/http"
	"strings"

	"aikagi/backend/testkit/fleet"
)

// The cheapest hashes that the program accepts: with them a difference is seen best. Nobody signs in with their passwords.
const (
	cheapArgon2id   = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	cheapBcrypt     = "$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234"
	cheapSHA512     = "$6$rounds=1000$saltsalt$" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"
	cheapArgon2Cost = "AIKAGI_ARGON2_MEMORY=8 AIKAGI_ARGON2_ITERATIONS=1"
)

// wrongPassword has a length at which the time of sha512-crypt depends on the length of the salt: more than half of the rounds hash
// one block with a salt of 8 characters, and two blocks with a salt of 16.
const wrongPassword = "Wrong-Password23"

func (c *check) signInsArgon2id(d *database) error {
	return c.signIns(d, "sign-in-argon2id", cheapArgon2id)
}

func (c *check) signInsBcrypt(d *database) error { return c.signIns(d, "sign-in-bcrypt", cheapBcrypt) }

func (c *check) signInsSHACrypt(d *database) error {
	return c.signIns(d, "sign-in-sha512-crypt", cheapSHA512)
}

// signInsMixed has members with different hashes in unequal numbers, as after an import. If the dummy hashes of unknown login IDs had
// other proportions, many login IDs together would show the difference.
func (c *check) signInsMixed(d *database) error {
	return c.signIns(d, "sign-in-mixed", cheapArgon2id, cheapBcrypt, cheapBcrypt, cheapBcrypt, cheapBcrypt, cheapSHA512)
}

// signInsLimited has the limits on, with MariaDB also in Redis. Each call comes from its own network, so that no limit refuses it.
func (c *check) signInsLimited(d *database) error {
	with := conditions{redis: true, more: []string{"AIKAGI_RATE_LIMITS=on", "AIKAGI_TRUSTED_PROXIES=127.0.0.1"}}
	return c.signInsWith(d, "sign-in-limits", with, cheapArgon2id)
}

// signIns times sign-ins with the limits off.
func (c *check) signIns(d *database, scenario string, hashes ...string) error {
	return c.signInsWith(d, scenario, conditions{}, hashes...)
}

// signInsWith times sign-ins with a wrong password, for members with these hashes in turn, and for unknown login IDs.
func (c *check) signInsWith(d *database, scenario string, with conditions, hashes ...string) (err error) {
	members := membersOfEachKind(c.pairs)
	for i := range members {
		members[i].PasswordHash = hashes[i/3%len(hashes)] // there are three kinds of members in turn
	}
	with.members, with.more = members, append(with.more, strings.Fields(cheapArgon2Cost)...)
	s, err := d.serve(with)
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
