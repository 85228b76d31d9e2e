package breach

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

const (
	// idleTick is how often a server checks whether a breach has begun.
	idleTick = 5 * time.Second
	// callTimeout bounds one step: two calls of the store.
	callTimeout = 10 * time.Second
)

// Store reads and writes the database.
type Store interface {
	// Latest returns the breach that began last, whether it runs or not, or [ErrNone].
	Latest(ctx context.Context) (Breach, error)
	// MakeNotices makes as many notices of the breach due as its pace allows now, in one transaction, and returns their
	// number. It makes none if [Breach.MakesNotices] is false.
	MakeNotices(ctx context.Context, id int64, now time.Time) (made int, err error)
}

// Notifier is the worker that makes the notices of a breach due. Each server has one. The breach's row holds the pace of all servers.
type Notifier struct {
	Store Store
	// WakePostman is called after notices became due. It must not block.
	WakePostman func()
	Now         func() time.Time
	Log         *slog.Logger
}

// Run makes notices until ctx ends.
func (n *Notifier) Run(ctx context.Context) {
	failed := false
	for {
		makes, err := n.step(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failed {
			n.Log.WarnContext(ctx, "notices of a breach could not be made; they are tried again", "error", err)
		}
		failed = err != nil
		wait := idleTick
		if makes {
			wait = tick
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// step makes the notices of one tick. It reports whether the breach makes notices now, so that the next step comes soon.
func (n *Notifier) step(ctx context.Context) (makes bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	latest, err := n.Store.Latest(ctx)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	if err != nil || !latest.MakesNotices() {
		return false, err
	}
	made, err := n.Store.MakeNotices(ctx, latest.ID, n.Now())
	if made > 0 {
		n.WakePostman()
	}
	return true, err
}
