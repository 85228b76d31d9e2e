package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"aikagi/backend/password"
	"aikagi/backend/testkit/fleet"
)

const (
	signInClients = 16
	signInMembers = 1000
)

// measureSignIns compares sign-ins with Argon2id alone: as many workers as the program has, with its parameters.
func measureSignIns(b *bench, on string) (o outcome, err error) {
	s, err := b.serve(on, signInMembers)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	var member, refused atomic.Int64
	signIn := func() (func() error, func(), error) {
		c := newCaller(s.Base)
		return func() error {
			for { // one that waited for its hash for 2 s is told to come again, and is not counted
				err := c.signIn(fleet.LoginID(int(member.Add(1)) % signInMembers))
				if !errors.Is(err, errBusy) {
					return err
				}
				refused.Add(1)
			}
		}, c.leave, nil
	}
	workers := runtime.GOMAXPROCS(0)
	signIns := &way{name: "sign-ins", round: func() (float64, error) { return perSecond(signInClients, 3*b.lasts, signIn) }}
	bare := &way{
		name:  fmt.Sprintf("bare Argon2id on %d workers", workers),
		round: func() (float64, error) { return perSecond(workers, 3*b.lasts, hashAlone) },
	}
	if err := takeTurns(b.rounds, signIns, bare); err != nil {
		return o, err
	}
	count := float64(refused.Load())
	o.Rows = []row{
		compare(fmt.Sprintf("sign-ins, %d clients", signInClients), "/s", signIns, bare, ratioAtLeast(0.95)),
		{Name: "sign-ins that were told to come again", Own: summary{count, count, count}},
	}
	return o, nil
}

// signIn signs a member in; the session is not used.
func (c *caller) signIn(loginID string) error {
	_, err := c.call("POST", "/api/session", `{"login_id":"`+loginID+`","password":"`+memberPassword+`"}`, 200)
	return err
}

func hashAlone() (func() error, func(), error) {
	params, salt := password.DefaultParams, make([]byte, 16)
	return func() error {
		argon2.IDKey([]byte(memberPassword), salt, params.Iterations, params.MemoryKiB, params.Parallelism, 32)
		return nil
	}, nil, nil
}
