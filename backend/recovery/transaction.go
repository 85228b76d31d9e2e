package recovery

import "context"

// activityTx is the part of a transaction that InTxOnce needs.
type activityTx interface {
	HasActivity(ctx context.Context, id string) (bool, error)
}

// InTxOnce runs do in a transaction, unless an earlier try of this transaction has been committed and its answer was lost.
// Such a try has left its activity in the database; InTxOnce then returns nil without running do. inTx is the InTx of a store,
// which repeats the transaction. do must add the activity with this ID, which the caller chooses before the call.
func InTxOnce[Tx activityTx](ctx context.Context, inTx func(context.Context, func(Tx) error) error, activityID string, do func(tx Tx) error) error {
	return inTx(ctx, func(tx Tx) error {
		isDone, err := tx.HasActivity(ctx, activityID)
		if err != nil || isDone {
			return err
		}
		return do(tx)
	})
}
