package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// hangingStore is a database whose calls may never return.
type hangingStore struct {
	recovery.Store // nil: a test fails if any other method is called
	t              *testing.T
	now            func() time.Time
	asks           []recovery.Recovery
	members        []member.Member

	inTx     func(ctx context.Context, number int) error
	claim    func(ctx context.Context) error
	inTxs    int
	measured int
	setAside []recovery.ID
}

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (h *hangingStore) ClaimUnresolved(ctx context.Context, _ string, _, _, _ time.Time, _ int) ([]recovery.Recovery, error) {
	if h.claim != nil {
		return nil, h.claim(ctx)
	}
	return h.asks, nil
}

func (h *hangingStore) MembersNamed(context.Context, []member.LoginID) ([]member.Member, error) {
	return h.members, nil
}

func (h *hangingStore) InTx(ctx context.Context, _ func(recovery.Store) error) error {
	if ctx.Err() != nil {
		h.t.Errorf("transaction %d begins after its deadline", h.inTxs)
	}
	h.inTxs++
	return h.inTx(ctx, h.inTxs)
}

func (h *hangingStore) SetAside(ctx context.Context, _ string, ids []recovery.ID, _ time.Time) (int, error) {
	if ctx.Err() != nil {
		h.t.Error("an ask is set aside after the deadline")
	}
	h.setAside = append(h.setAside, ids...)
	return len(ids), nil
}

func (h *hangingStore) Unresolved(ctx context.Context, _ int) ([]recovery.Unresolved, error) {
	if ctx.Err() != nil {
		h.t.Error("the backlog is measured after the deadline")
	}
	h.measured++
	return []recovery.Unresolved{{ID: "A", Since: h.now().Add(-time.Hour)}}, nil
}

func (h *hangingStore) NotLocked(_ context.Context, ids []recovery.ID) ([]recovery.ID, error) {
	return ids, nil
}

// newResolver returns a resolver over the store. Its clock is the bubble's.
func newResolver(t *testing.T, h *hangingStore) (*recovery.Service, *recovery.Resolver) {
	t.Helper()
	key, err := recovery.GenerateKey("test")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := recovery.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	h.t, h.now = t, time.Now
	service := &recovery.Service{
		Store: h, Keys: keys, Now: time.Now, Log: slog.New(slog.DiscardHandler), WakePostman: func() {},
	}
	return service, recovery.NewResolver(service)
}

func TestTheBacklogIsMeasuredWhenTheClaimHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hangingStore{claim: hang}
		service, resolver := newResolver(t, h)
		if err := resolver.DrainUnlocked(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline of the claim", err)
		}
		if h.measured != 1 {
			t.Errorf("the backlog was measured %d times, want once", h.measured)
		}
		for _, err := range []error{request(service), service.AskAgain(t.Context(), "A")} {
			if !errors.Is(err, recovery.ErrBusy) {
				t.Errorf("got %v, want ErrBusy", err)
			}
		}
	})
}

func request(service *recovery.Service) error {
	_, err := service.Request(context.Background(), recovery.Ask{LoginID: "nobody", MailAddress: "nobody@xxx.mm-m.ne.jp"})
	return err
}

// The transaction for all matches hangs, and then the one for the second match alone.
func TestATransactionThatHangsTakesNoTimeFromTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hangingStore{inTx: func(ctx context.Context, number int) error {
			if number == 1 || number == 3 {
				return hang(ctx)
			}
			return nil
		}}
		service, resolver := newResolver(t, h)
		asks := &askStore{}
		for i := range 3 {
			id := member.LoginID(fmt.Sprintf("member%d", i))
			address := member.MailAddress(id) + "@xxx.mm-m.ne.jp"
			service.Store = asks
			if _, err := service.Request(t.Context(), recovery.Ask{LoginID: id, MailAddress: address}); err != nil {
				t.Fatal(err)
			}
			h.members = append(h.members, member.Member{ID: member.ID(i), LoginID: id, MailAddress: address, Status: member.Active})
		}
		h.asks, service.Store = asks.asks, h
		var log strings.Builder
		service.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := resolver.DrainUnlocked(t.Context()); err != nil {
			t.Errorf("got %v, want the one that hangs set aside", err)
		}
		if h.inTxs != 4 || len(h.setAside) != 1 || h.setAside[0] != h.asks[1].ID || h.measured != 1 {
			t.Errorf("%d transactions, set aside %v, measured %d times; want 4, the second, once", h.inTxs, h.setAside, h.measured)
		}
		const line = "an ask could not be resolved"
		if strings.Count(log.String(), line) != 1 || !strings.Contains(log.String(), line+`" receipt=`+h.asks[1].Receipt) {
			t.Errorf("got the log %q, want a line about the second ask alone", log.String())
		}
	})
}

// askStore records asks.
type askStore struct {
	recovery.Store
	asks []recovery.Recovery
}

func (k *askStore) AddRecovery(_ context.Context, r recovery.Recovery) error {
	k.asks = append(k.asks, r)
	return nil
}
