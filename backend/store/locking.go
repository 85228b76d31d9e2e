package store

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"aikagi/backend/recovery"
)

// locking begins a SELECT that locks its rows until the transaction ends, and skips or waits for rows that another
// transaction has locked. SQLite needs no locks, because it has one write transaction at a time. SKIP LOCKED needs
// MySQL 8.0.1 or MariaDB 10.6.
func (q queries) locking(when recovery.WhenLocked) *gorm.DB {
	lock := clause.Locking{Strength: clause.LockingStrengthUpdate}
	if when == recovery.SkipLocked {
		lock.Options = clause.LockingOptionsSkipLocked
	}
	return q.read.Clauses(lock)
}

// lockingNoWait is like locking, but with [recovery.SkipLocked] the SELECT fails if another transaction has locked a
// row. It is for rows of which none may be left out.
func (q queries) lockingNoWait(when recovery.WhenLocked) *gorm.DB {
	lock := clause.Locking{Strength: clause.LockingStrengthUpdate}
	if when == recovery.SkipLocked {
		lock.Options = clause.LockingOptionsNoWait
	}
	return q.read.Clauses(lock)
}
