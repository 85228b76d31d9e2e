package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"aikagi/backend/config"
)

const (
	// acmeLook is how often the folder is read for a certificate that another server got; acmeLookSoon holds while another
	// server orders one.
	acmeLook     = time.Minute
	acmeLookSoon = 2 * time.Second
	// acmeOrderTime bounds one order.
	acmeOrderTime = 3 * time.Minute
	// acmeRetryFirst is the pause after a first failed order. It is doubled up to acmeRetryMost: CAs let a domain fail only a
	// few times an hour.
	acmeRetryFirst = time.Minute
	acmeRetryMost  = 2 * time.Hour
)

// acmeWorker keeps the shown certificate valid. It orders a new one when a third of the lifetime is left. Servers that share
// the folder order one after the other, and take over what another has got.
type acmeWorker struct {
	folder  acmeFolder
	domains []string
	shown   *certificate
	now     func() time.Time
	place   func(context.Context) error

	failures int
	nextTry  time.Time
}

func newACMEWorker(settings config.Settings, shown *certificate, now func() time.Time) (*acmeWorker, error) {
	folder, err := openACMEFolder(settings.ACME)
	if err != nil {
		return nil, err
	}
	order := acmeOrder{settings: settings.ACME, folder: folder, challenges: []string{tlsALPN01}}
	if settings.ListenHTTP != nil {
		order.challenges = append(order.challenges, http01)
	}
	return &acmeWorker{folder: folder, domains: settings.ACME.Domains, shown: shown, now: now, place: order.place}, nil
}

// challenge finds the certificate that answers a challenge which is under way.
func (w *acmeWorker) challenge(ctx context.Context, domain string) (*tls.Certificate, error) {
	domain = strings.ToLower(domain)
	if !slices.Contains(w.domains, domain) {
		return nil, errNoCertificate
	}
	return w.folder.pair(ctx, challengePrefix+domain)
}

// run works until ctx ends.
func (w *acmeWorker) run(ctx context.Context, log *slog.Logger) {
	for {
		pause := w.step(ctx, log)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// step takes over the folder's certificate, and orders one when it is time. It returns the pause before the next step.
func (w *acmeWorker) step(ctx context.Context, log *slog.Logger) time.Duration {
	if w.adopt(ctx, log) {
		w.failures, w.nextTry = 0, time.Time{}
		return acmeLook
	}
	if wait := w.nextTry.Sub(w.now()); wait > 0 {
		return min(wait, acmeLook)
	}
	isFree, err := w.order(ctx, log)
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil:
		pause := w.pauseAfter(err)
		w.nextTry = w.now().Add(pause)
		log.WarnContext(ctx, "no certificate was issued", "error", err, "next_try", w.nextTry)
		return min(pause, acmeLook)
	case !isFree:
		return acmeLookSoon
	}
	return acmeLook
}

// adopt shows the folder's certificate if it is for our domains. It says whether that is fresh: no new one is due.
func (w *acmeWorker) adopt(ctx context.Context, log *slog.Logger) (isFresh bool) {
	pair, err := w.folder.pair(ctx, certificateFile)
	if err != nil {
		if !errors.Is(err, autocert.ErrCacheMiss) {
			log.WarnContext(ctx, "the certificate in the folder cannot be used", "error", err)
		}
		return false
	}
	if !covers(pair.Leaf, w.domains) {
		return false
	}
	former := w.shown.pair.Load()
	if former == nil || !slices.EqualFunc(former.Certificate, pair.Certificate, bytes.Equal) {
		w.shown.pair.Store(pair)
		log.InfoContext(ctx, "a certificate of the CA is shown", "domains", w.domains, "until", pair.Leaf.NotAfter)
	}
	return w.now().Before(renewalOf(pair.Leaf))
}

// order gets a new certificate, unless another server is just doing so.
func (w *acmeWorker) order(ctx context.Context, log *slog.Logger) (isFree bool, err error) {
	release, isFree, err := w.folder.lock()
	if err != nil || !isFree {
		return false, err
	}
	defer release()
	if w.adopt(ctx, log) {
		return true, nil // another server got one meanwhile
	}
	log.InfoContext(ctx, "a certificate is ordered", "domains", w.domains)
	within, cancel := context.WithTimeout(ctx, acmeOrderTime)
	defer cancel()
	if err := w.place(within); err != nil {
		return true, fmt.Errorf("order a certificate: %w", err)
	}
	if !w.adopt(ctx, log) {
		return true, errors.New("order a certificate: the issued one is not for all domains, or its time is almost over")
	}
	return true, nil
}

// pauseAfter is longer after each failure, and as long as a CA asks for.
func (w *acmeWorker) pauseAfter(err error) time.Duration {
	pause := acmeRetryMost
	if w.failures < 8 {
		pause = min(acmeRetryFirst<<w.failures, acmeRetryMost)
	}
	w.failures++
	var refused *acme.Error
	if errors.As(err, &refused) {
		if asked, limited := acme.RateLimit(refused); limited {
			pause = max(pause, min(asked, 24*time.Hour))
		}
	}
	return pause
}

// renewalOf is when a new certificate is due.
func renewalOf(leaf *x509.Certificate) time.Time {
	return leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore) / 3)
}

func covers(leaf *x509.Certificate, domains []string) bool {
	return !slices.ContainsFunc(domains, func(domain string) bool { return leaf.VerifyHostname(domain) != nil })
}
