package store

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"
)

// insertAsk names only the columns that have no default.
const insertAsk = `INSERT INTO recoveries (id, receipt, login_id, mail_address_mac, language, client, origin, asked_at, letter_asked_at,
	gone_at, member_id, issuance_id, key_name, unresolved_since, claimed_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (r recoveryRow) asked() []any {
	return []any{
		r.ID, r.Receipt, r.LoginID, r.MailAddressMac, r.Language, r.Client, r.Origin, r.AskedAt, r.LetterAskedAt,
		r.GoneAt, r.MemberID, r.IssuanceID, r.KeyName, r.UnresolvedSince, r.ClaimedUntil,
	}
}

// prepared is a pool that prepares one statement once for each connection, and gives it half of the connections at most.
// Everybody can ask without end, so this statement is neither written by GORM nor parsed by the database anew each time. With
// all connections, asks would make the workers, sign-ins and the later steps wait in a rush.
type prepared struct {
	*sql.DB
	text  string
	stmt  atomic.Pointer[sql.Stmt]
	slots chan struct{}
}

// errAsksWait is no deadline of a statement: the host answers, and its connections are not given up.
var errAsksWait = errors.New("the asks before this one hold all connections that asks may have")

// withPrepared returns a handle on the same pool, which has a bound, that sends this one statement prepared.
func withPrepared(db *gorm.DB, text string) (*gorm.DB, error) {
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	session := db.Session(&gorm.Session{NewDB: true, Context: context.Background()}) // a context gives it a statement of its own
	session.Statement.ConnPool = &prepared{DB: pool, text: text, slots: make(chan struct{}, max(1, pool.Stats().MaxOpenConnections/2))}
	return session, nil
}

// ExecContext sends the statement prepared, and any other as it is.
func (p *prepared) ExecContext(ctx context.Context, query string, values ...any) (sql.Result, error) {
	if query != p.text {
		return p.DB.ExecContext(ctx, query, values...)
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, errAsksWait
	}
	stmt, err := p.statement(ctx) //nolint:sqlclosecheck // stays open for as long as the pool
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, values...)
}

// statement prepares when it is first asked for, since the database may be away when the program starts. Nobody waits for
// another caller's deadline: of several that prepare at once the first one's statement stays.
func (p *prepared) statement(ctx context.Context) (*sql.Stmt, error) {
	if stmt := p.stmt.Load(); stmt != nil {
		return stmt, nil
	}
	stmt, err := p.PrepareContext(ctx, p.text)
	if err != nil {
		return nil, err
	}
	if !p.stmt.CompareAndSwap(nil, stmt) {
		return p.stmt.Load(), stmt.Close() //nolint:sqlclosecheck // only one of several is closed
	}
	return stmt, nil
}
