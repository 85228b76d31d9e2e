package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/password"
	"aikagi/backend/recovery"
	"aikagi/backend/testkit/fleet"
)

// The cheapest hashes that the program takes: they hide least. Each is of a password that nobody here types.
const (
	cheapArgon2id   = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"
	cheapBcrypt     = "$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234"
	cheapSHA512     = "$6$rounds=1000$saltsaltsaltsalt$" + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"
	cheapArgon2Cost = "AIKAGI_ARGON2_MEMORY=8 AIKAGI_ARGON2_ITERATIONS=1"
)

func (c *check) signInsArgon2id(p *place) error {
	return c.signIns(p, "sign-in-argon2id", cheapArgon2id)
}

func (c *check) signInsBcrypt(p *place) error { return c.signIns(p, "sign-in-bcrypt", cheapBcrypt) }

func (c *check) signInsSHACrypt(p *place) error {
	return c.signIns(p, "sign-in-sha512-crypt", cheapSHA512)
}

func (c *check) signInsMixed(p *place) error {
	return c.signIns(p, "sign-in-mixed", cheapArgon2id, cheapBcrypt, cheapSHA512)
}

// signIns signs in with a wrong password, for members who have these hashes in turn and for unknown login IDs.
//
// The dummy of an unknown login ID has one of the schemes in use, and today's scheme is always in use. So where all
// members have another one, like is compared with like: with the unknown login IDs whose dummy has the members'
// scheme. Where the members' schemes are as many as the dummies', all unknown login IDs are asked.
func (c *check) signIns(p *place, scenario string, hashes ...string) (err error) {
	key, err := fleet.NewKey()
	if err != nil {
		return err
	}
	s, err := p.serve(conditions{members: crowdWith(c.pairs, hashes), key: key, more: strings.Fields(cheapArgon2Cost)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	alike, err := namesAlike(key, c.pairs, hashes)
	if err != nil {
		return err
	}
	var calls []call
	add := func(k kind, login string) {
		calls = append(calls, call{k, post("/api/session", "login_id", login, "password", "Wrong-Pass2"), http.StatusUnauthorized})
	}
	for n := range c.pairs {
		add(known, fleet.LoginID(number(known, n)))
		add(suspended, fleet.LoginID(number(suspended, n)))
		add(unknown, alike[n])
	}
	times, err := s.sample(calls, nil)
	if err == nil {
		c.report(scenario, times, unknown, suspended)
	}
	return err
}

// crowdWith is a crowd whose members of each kind have the hashes in turn.
func crowdWith(count int, hashes []string) []member.Member {
	members := crowd(count)
	for i := range members {
		members[i].PasswordHash = hashes[i/3%len(hashes)]
	}
	return members
}

// namesAlike are login IDs of nobody, with dummies of the schemes of these hashes.
func namesAlike(keyLine string, count int, hashes []string) ([]string, error) {
	name, encoded, _ := strings.Cut(keyLine, ":")
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	key, err := recovery.NewKey(name, secret)
	if err != nil {
		return nil, err
	}
	ring, err := recovery.NewRing(key)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, hash := range hashes {
		wanted = append(wanted, password.Scheme(hash))
	}
	dummies := password.NewDummies(ring.DummyKey(), password.Params{MemoryKiB: 8, Iterations: 1, Parallelism: 1})
	inUse := append([]string{password.Scheme(cheapArgon2id)}, wanted...)
	var names []string
	for n := 0; len(names) < count; n++ {
		if n > 100*count {
			return nil, fmt.Errorf("no login ID has a dummy of %v", wanted)
		}
		login := fleet.LoginID(number(unknown, n))
		if slices.Contains(wanted, password.Scheme(dummies.For(member.LoginID(login), inUse))) {
			names = append(names, login)
		}
	}
	return names, nil
}
