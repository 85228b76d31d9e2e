package cli

import (
	"context"
	"errors"
	"os"
	"testing"

	"aikagi/backend/store"
	"aikagi/backend/testkit/fleet"
)

func TestASignalWhileADemoLooksAtTheFormerDatabaseKeepsThatDatabase(t *testing.T) {
	t.Parallel()
	d := &demo{folder: t.TempDir()}
	s, err := fleet.OpenStore(store.Settings{Dialect: store.SQLite, Path: d.path()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.clean(ctx, d.path()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(d.path()); err != nil {
		t.Errorf("the database is gone: %v", err)
	}
}
