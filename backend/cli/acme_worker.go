package cli

import (
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
	// acmePause is the pause between two reads of the folder, where another server may have put a certificate.
	// acmeShortPause is the pause while another server orders one.
	acmePause      = time.Minute
	acmeShortPause = 2 * time.Second
	// acmeOrderTime bounds one order.
	acmeOrderTime = 3 * time.Minute
	// acmeRetryFirst is the pause after a first failed order. It doubles up to acmeRetryMost, because a CA lets a domain
	// fail only a few times an hour.
	acmeRetryFirst = time.Minute
	acmeRetryMost  = 2 * time.Hour
)

// acmeWorker keeps the listener's certificate valid. It orders a new one when a third of the lifetime is left. Of the servers
// that share the folder, one orders at a time, and the others use the certificate that it gets.
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

// answerHTTP returns the function that answers HTTP-01 challenges. It returns nil if w is nil, which means no ACME.
func (w *acmeWorker) answerHTTP() func(ctx context.Context, token string) (answer string, known bool) {
	if w == nil {
		return nil
	}
	return w.folder.answer
}

// challenge returns the certificate that answers the current TLS-ALPN-01 challenge for a domain.
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
		if !sleep(ctx, pause) {
			return
		}
	}
}

// step uses the folder's certificate, and orders a new one when it is due. It returns the pause before the next step.
func (w *acmeWorker) step(ctx context.Context, log *slog.Logger) time.Duration {
	if w.adopt(ctx, log) {
		w.failures, w.nextTry = 0, time.Time{}
		return acmePause
	}
	if wait := w.nextTry.Sub(w.now()); wait > 0 {
		return min(wait, acmePause)
	}
	isFree, err := w.order(ctx, log)
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil:
		pause := w.pauseAfter(err)
		w.nextTry = w.now().Add(pause)
		log.WarnContext(ctx, "no certificate was issued", "error", err, "next_try", w.nextTry)
		return min(pause, acmePause)
	case !isFree:
		return acmeShortPause
	}
	return acmePause
}

// adopt uses the folder's certificate if it is for all domains. It reports whether that certificate is fresh, so that no new one
// is due.
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
	if w.shown.replace(pair) {
		log.InfoContext(ctx, "a certificate of the CA is in use", "domains", w.domains, "until", pair.Leaf.NotAfter)
	}
	return w.now().Before(renewalOf(pair.Leaf))
}

// order orders a new certificate. It does nothing if another server is ordering one: isFree is false then.
func (w *acmeWorker) order(ctx context.Context, log *slog.Logger) (isFree bool, err error) {
	release, isFree, err := w.folder.lock()
	if err != nil || !isFree {
		return false, err
	}
	defer release()
	if w.adopt(ctx, log) {
		return true, nil // another server has just got one
	}
	log.InfoContext(ctx, "a certificate is ordered", "domains", w.domains)
	within, cancel := context.WithTimeout(ctx, acmeOrderTime)
	defer cancel()
	if err := w.place(within); err != nil {
		return true, fmt.Errorf("order a certificate: %w", err)
	}
	if !w.adopt(ctx, log) {
		return true, errors.New("order a certificate: the issued certificate is not for all domains, or expires soon")
	}
	return true, nil
}

// pauseAfter returns the pause after a failed order. It grows with each failure, and is at least what the CA asks for, up
// to a day.
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

// renewalOf returns when a new certificate is due.
func renewalOf(leaf *x509.Certificate) time.Time {
	return leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore) / 3)
}

func covers(leaf *x509.Certificate, domains []string) bool {
	return !slices.ContainsFunc(domains, func(domain string) bool { return leaf.VerifyHostname(domain) != nil })
}
