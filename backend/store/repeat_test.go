package store

import (
	"database/sql/driver"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

func TestWhatCertainlyChangedNothingIsRepeated(t *testing.T) {
	number := func(n uint16) error { return &mysqldriver.MySQLError{Number: n} }
	for name, c := range map[string]struct {
		fails  error
		inTx   bool
		passes func(error) bool
		tries  int
	}{
		"a lost certification":                          {number(deadlock), false, isUndone, 2},
		"a lock that was waited for as long as allowed": {number(lockWaitTimeout), false, isPassing, 1},
		"a row that was locked, and not waited for":     {number(lockedNow), false, isPassing, 1},
		"a node that does not serve":                    {number(notServing), false, isUndone, 2},
		"a count whose answer was lost":                 {mysqldriver.ErrInvalidConn, false, isUndone, 1},
		"an insert or a read whose answer was lost":     {mysqldriver.ErrInvalidConn, false, isPassing, 2},
		"a connection that was dead":                    {driver.ErrBadConn, false, isPassing, 2},
		"a wrong statement":                             {number(1064), false, isPassing, 1},
		"inside a transaction, which is repeated all":   {number(deadlock), true, isUndone, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tries, hungUp := 0, 0
			q := queries{inTx: c.inTx, hangUp: func() { hungUp++ }}
			err := q.repeat(t.Context(), c.passes, func() error {
				if tries++; tries == 1 {
					return c.fails
				}
				return nil
			})
			if tries != c.tries || (err == nil) != (c.tries == 2) {
				t.Errorf("tried %d times, %v; want %d", tries, err, c.tries)
			}
			if wants := hasMySQLNumber(c.fails, notServing); (hungUp == 1) != wants {
				t.Errorf("hung up %d times", hungUp)
			}
		})
	}
}

func TestWhatNeverPassesIsGivenUp(t *testing.T) {
	tries := 0
	err := queries{}.repeat(t.Context(), isUndone, func() error {
		tries++
		return &mysqldriver.MySQLError{Number: deadlock}
	})
	if err == nil || tries != maxTries {
		t.Errorf("tried %d times, %v; want an error after %d", tries, err, maxTries)
	}
}
