package store

import (
	"context"
	"errors"

	"aikagi/backend/member"
)

// Members is the store of the operator's commands.
type Members struct{ queries }

// ErrTaken is returned when another command has added one of the members meanwhile. The database's own message is not
// returned, because it quotes the login ID.
var ErrTaken = errors.New("a member with the same login ID was added meanwhile")

// AddMembers adds members in one transaction. If one of them exists, it adds none and returns [ErrTaken].
func (s *Members) AddMembers(ctx context.Context, members []member.Member) error {
	err := s.transact(ctx, func(tx queries) error {
		rows := make([]memberRow, len(members)) // new for each try, because GORM writes the generated ids into them
		for i, m := range members {
			rows[i] = rowOfMember(m)
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.write.WithContext(ctx).CreateInBatches(rows, rowsAtOnce).Error
	})
	if isDuplicate(err) {
		return ErrTaken
	}
	return err
}

// rowsAtOnce keeps a statement below SQLite's limit of 32,766 values and MySQL's limit of the packet.
const rowsAtOnce = 500
