package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"aikagi/backend/config"
)

// acmeClock is the time at which the tests of the worker begin.
var acmeClock = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// workerAt returns a worker with the clock now. Its CA issues certificates that are valid for 90 days.
func workerAt(t *testing.T, folder string, now *time.Time) (w *acmeWorker, orders *int) {
	t.Helper()
	settings := config.Settings{ACME: config.ACME{Domains: []string{ourDomain}, Folder: folder, Directory: "https://ca.example/directory"}}
	w, err := newACMEWorker(settings, new(certificate), func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	orders = new(int)
	w.place = func(ctx context.Context) error {
		*orders++
		pair := selfSigned(t, ourDomain, *now, now.AddDate(0, 0, 90))
		return w.folder.putPair(ctx, certificateFile, pair)
	}
	return w, orders
}

func (w *acmeWorker) stepWithoutLog(t *testing.T) time.Duration {
	t.Helper()
	return w.step(t.Context(), slog.New(slog.DiscardHandler))
}

func TestACertificateIsRenewedWhenAThirdOfItsTimeIsLeft(t *testing.T) {
	now, folder := acmeClock, t.TempDir()
	w, orders := workerAt(t, folder, &now)
	other, othersOrders := workerAt(t, folder, &now)
	for _, each := range []struct {
		day, orders int
		left        time.Duration
	}{
		{0, 1, 90 * 24 * time.Hour},
		{59, 1, 31 * 24 * time.Hour},
		{61, 2, 90 * 24 * time.Hour},
	} {
		now = acmeClock.AddDate(0, 0, each.day)
		w.stepWithoutLog(t)
		other.stepWithoutLog(t)
		if *orders != each.orders || *othersOrders != 0 {
			t.Errorf("day %d: got %d and %d orders, want %d and none", each.day, *orders, *othersOrders, each.orders)
		}
		for _, shown := range []*certificate{w.shown, other.shown} {
			if left := shown.validFor(now); left != each.left {
				t.Errorf("day %d: the certificate is valid for %v, want %v", each.day, left, each.left)
			}
		}
	}
}

func TestAServerOrdersNothingWhileAnotherOrders(t *testing.T) {
	now := acmeClock
	w, orders := workerAt(t, t.TempDir(), &now)
	release, isFree, err := w.folder.lock()
	if err != nil || !isFree {
		t.Fatal(isFree, err)
	}
	if pause := w.stepWithoutLog(t); pause != acmeShortPause || *orders != 0 {
		t.Errorf("got %v and %d orders, want %v and none", pause, *orders, acmeShortPause)
	}
	release()
	if w.stepWithoutLog(t); *orders != 1 {
		t.Errorf("got %d orders, want 1", *orders)
	}
}

func TestTheRetryOfAFailedOrderBacksOff(t *testing.T) {
	now := acmeClock
	w, _ := workerAt(t, t.TempDir(), &now)
	var refused error
	orders := 0
	w.place = func(context.Context) error { orders++; return refused }
	for _, each := range []struct {
		refused error
		pause   time.Duration
	}{
		{errors.New("no"), time.Minute},
		{errors.New("no"), 2 * time.Minute},
		{nil, 4 * time.Minute}, // the folder has no certificate after the order
		{&acme.Error{ProblemType: "urn:ietf:params:acme:error:rateLimited", Header: http.Header{"Retry-After": {"18000"}}}, 5 * time.Hour},
		{errors.New("no"), 16 * time.Minute},
		{errors.New("no"), 32 * time.Minute},
		{errors.New("no"), 64 * time.Minute},
		{errors.New("no"), 2 * time.Hour},
		{errors.New("no"), 2 * time.Hour},
	} {
		refused = each.refused
		before := orders
		w.stepWithoutLog(t)
		if got := w.nextTry.Sub(now); got != each.pause || orders != before+1 {
			t.Fatalf("after %d failures: got a pause of %v and %d orders, want %v and one", before, got, orders-before, each.pause)
		}
		now = now.Add(each.pause - time.Second)
		if w.stepWithoutLog(t); orders != before+1 {
			t.Fatal("an order was placed before its time")
		}
		now = now.Add(time.Second)
	}
}

func TestAFormerCertificateStaysUntilThereIsANewOne(t *testing.T) {
	now := acmeClock
	w, _ := workerAt(t, t.TempDir(), &now)
	w.stepWithoutLog(t)
	former := w.shown.pair.Load()
	now = now.AddDate(0, 0, 80)
	w.place = func(context.Context) error { return errors.New("the CA is away") }
	if w.stepWithoutLog(t); w.shown.pair.Load() != former {
		t.Error("the former certificate is not shown any more")
	}
	// A certificate for another domain and half a file are not used.
	if err := w.folder.putPair(t.Context(), certificateFile, selfSigned(t, "other.example.jp", now, now.AddDate(0, 0, 90))); err != nil {
		t.Fatal(err)
	}
	if w.stepWithoutLog(t); w.shown.pair.Load() != former {
		t.Error("a certificate for another domain is shown")
	}
	if err := w.folder.files.Put(t.Context(), certificateFile, []byte("-----BEGIN")); err != nil {
		t.Fatal(err)
	}
	if w.stepWithoutLog(t); w.shown.pair.Load() != former {
		t.Error("half a file replaced the certificate")
	}
}

func TestEachDirectoryOfACAHasAFolderOfItsOwn(t *testing.T) {
	folder := t.TempDir()
	test, err := openACMEFolder(config.ACME{Folder: folder, Directory: "https://ca.example/test/directory"})
	if err != nil {
		t.Fatal(err)
	}
	production, err := openACMEFolder(config.ACME{Folder: folder, Directory: "https://ca.example/directory"})
	if err != nil {
		t.Fatal(err)
	}
	if err := test.putPair(t.Context(), certificateFile, selfSigned(t, ourDomain, acmeClock, acmeClock.AddDate(0, 0, 90))); err != nil {
		t.Fatal(err)
	}
	if _, err := production.pair(t.Context(), certificateFile); err == nil {
		t.Error("a certificate of the test directory is taken for a real one")
	}
}
