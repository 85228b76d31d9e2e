package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
)

func TestStatementsThatHadNoEffectAreRepeated(t *testing.T) {
	number := func(n uint16) error { return &mysqldriver.MySQLError{Number: n} }
	for name, c := range map[string]struct {
		fails  error
		inTx   bool
		passes func(error) bool
		tries  int
	}{
		"a lost certification":                          {number(deadlock), false, hadNoEffect, 2},
		"a lock that was waited for as long as allowed": {number(lockWaitTimeout), false, isTransient, 1},
		"a row that was locked, and not waited for":     {number(lockedNow), false, isTransient, 1},
		"a node that does not serve":                    {number(notServing), false, hadNoEffect, 2},
		"a server that turned read-only":                {number(1290), false, hadNoEffect, 2},
		"InnoDB that turned read-only":                  {number(1836), false, hadNoEffect, 2},
		"transactions that turned read-only":            {number(1792), false, hadNoEffect, 2},
		"a count whose answer was lost":                 {mysqldriver.ErrInvalidConn, false, hadNoEffect, 1},
		"an insert or a read whose answer was lost":     {mysqldriver.ErrInvalidConn, false, isTransient, 2},
		"a count whose commit failed":                   {number(commitFailed), false, hadNoEffect, 1},
		"an insert whose commit failed":                 {number(commitFailed), false, isTransient, 2},
		"a connection that was dead":                    {driver.ErrBadConn, false, isTransient, 2},
		"a wrong statement":                             {number(1064), false, isTransient, 1},
		"inside a transaction, which is repeated all":   {number(deadlock), true, hadNoEffect, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tries, hungUp := 0, 0
			q := queries{inTx: c.inTx, dropConnections: func() bool { hungUp++; return true }}
			err := q.repeat(t.Context(), c.passes, func() error {
				if tries++; tries == 1 {
					return c.fails
				}
				return nil
			})
			if tries != c.tries || (err == nil) != (c.tries == 2) {
				t.Errorf("tried %d times, %v; want %d", tries, err, c.tries)
			}
			if wants := isNotServing(c.fails) || isLostConnection(c.fails); (hungUp == 1) != wants {
				t.Errorf("hung up %d times", hungUp)
			}
		})
	}
}

func TestATimeoutDropsTheConnections(t *testing.T) {
	hungUp := 0
	q := queries{dropConnections: func() bool { hungUp++; return true }}
	err := q.repeat(t.Context(), hadNoEffect, func() error { return context.DeadlineExceeded })
	if !errors.Is(err, context.DeadlineExceeded) || hungUp != 1 {
		t.Errorf("got %v and hung up %d times, want it once", err, hungUp)
	}
}

func TestEveryConnectionHasTimeoutsAndTheOperatorCanSetThem(t *testing.T) {
	preset, err := connectionConfig("192.0.2.1:3306", Settings{})
	if err != nil || preset.Timeout != hostTimeout || preset.ReadTimeout != readTimeout || preset.WriteTimeout != writeTimeout {
		t.Errorf("got %s, %s, %s, %v; want the presets", preset.Timeout, preset.ReadTimeout, preset.WriteTimeout, err)
	}
	own := map[string]string{"timeout": "1s", "readTimeout": "0", "writeTimeout": "3m"}
	given, err := connectionConfig("192.0.2.1:3306", Settings{Options: own})
	if err != nil || given.Timeout != time.Second || given.ReadTimeout != 0 || given.WriteTimeout != 3*time.Minute {
		t.Errorf("got %s, %s, %s, %v; want %v", given.Timeout, given.ReadTimeout, given.WriteTimeout, err, own)
	}
}

func TestAFailureThatNeverPassesIsReturned(t *testing.T) {
	tries := 0
	err := queries{}.repeat(t.Context(), hadNoEffect, func() error {
		tries++
		return &mysqldriver.MySQLError{Number: deadlock}
	})
	if err == nil || tries != maxTries {
		t.Errorf("tried %d times, %v; want an error after %d", tries, err, maxTries)
	}
}

func TestWithoutAWritableHostNoStatementIsRepeated(t *testing.T) {
	tries := 0
	q := queries{dropConnections: func() bool { return false }}
	err := q.repeat(t.Context(), hadNoEffect, func() error {
		tries++
		return &mysqldriver.MySQLError{Number: 1290}
	})
	if tries != 1 || !IsUnavailable(err) {
		t.Errorf("tried %d times, %v; want an unavailable database after one", tries, err)
	}
}
