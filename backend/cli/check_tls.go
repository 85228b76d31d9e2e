package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"aikagi/backend/config"
)

// checkTLS checks the certificate that the server presents, if no proxy does TLS.
func checkTLS(ctx context.Context, settings config.Settings, now time.Time, f *finding) {
	switch {
	case settings.ACME.IsSet():
		checkACME(ctx, settings, now, f)
	case settings.TLS.IsSet():
		pair, err := tls.LoadX509KeyPair(settings.TLS.CertFile, settings.TLS.KeyFile)
		if err != nil {
			f.fault(err)
			return
		}
		checkCertificate(certificateSetting, pair.Leaf, string(settings.PublicURL), now, f)
	default:
		f.Note = "none set: a proxy does TLS"
	}
}

// checkCertificate reports what browsers would refuse, and warns if the certificate expires soon.
func checkCertificate(setting string, leaf *x509.Certificate, publicURL string, now time.Time, f *finding) {
	if now.Before(leaf.NotBefore) {
		f.fault(errors.New(setting + ": the certificate is not valid before " + inJapan(leaf.NotBefore)))
	}
	if now.After(leaf.NotAfter) {
		f.fault(errors.New(setting + ": the certificate expired at " + inJapan(leaf.NotAfter)))
	} else if isEndNear(leaf, now) {
		f.warn("%s: the certificate expires at %s", setting, inJapan(leaf.NotAfter))
	}
	address, err := url.Parse(publicURL)
	if err != nil {
		f.fault(err)
	} else if leaf.VerifyHostname(address.Hostname()) != nil {
		f.fault(errors.New(setting + ": the certificate is not for " + address.Hostname() + ", the host of AIKAGI_PUBLIC_URL"))
	}
}

// isEndNear reports whether the renewal is late: less than two weeks are left, or less than a sixth of a short lifetime.
func isEndNear(leaf *x509.Certificate, now time.Time) bool {
	const mostNotice = 14 * 24 * time.Hour
	return leaf.NotAfter.Sub(now) < min(leaf.NotAfter.Sub(leaf.NotBefore)/6, mostNotice)
}

// checkACME reports what keeps the server from getting a certificate. It places no order, so it does not know whether the
// CA can reach this machine.
func checkACME(ctx context.Context, settings config.Settings, now time.Time, f *finding) {
	address, err := url.Parse(string(settings.PublicURL))
	if err != nil {
		f.fault(err)
	} else if !slices.Contains(settings.ACME.Domains, address.Hostname()) {
		f.fault(errors.New("AIKAGI_ACME_DOMAINS: " + address.Hostname() + ", the host of AIKAGI_PUBLIC_URL, is not among them"))
	}
	client, closeIdle := newACMEClient(settings.ACME)
	defer closeIdle()
	if _, err := client.Discover(ctx); err != nil {
		f.fault(fmt.Errorf("AIKAGI_ACME_DIRECTORY: %w", err))
	}
	checkACMEFolder(ctx, settings, now, f)
}

// checkACMEFolder writes and removes a file, and checks the certificate in the folder.
func checkACMEFolder(ctx context.Context, settings config.Settings, now time.Time, f *finding) {
	const setting = "AIKAGI_ACME_FOLDER"
	folder, err := acmeFolderOf(settings.ACME)
	if err != nil {
		f.fault(err)
		return
	}
	for _, path := range []string{settings.ACME.Folder, folder.path} {
		file, err := os.CreateTemp(path, "check")
		if path == folder.path && errors.Is(err, os.ErrNotExist) {
			continue // the server creates it
		}
		if err != nil {
			f.fault(fmt.Errorf("%s: %w", setting, err))
			return
		}
		f.fault(errors.Join(file.Close(), os.Remove(file.Name())))
	}
	pair, err := folder.pair(ctx, certificateFile)
	switch {
	case errors.Is(err, autocert.ErrCacheMiss):
		f.Note = "there is no certificate yet: the server orders one when it runs"
	case err != nil:
		f.fault(fmt.Errorf("%s: %w", setting, err))
	case !covers(pair.Leaf, settings.ACME.Domains):
		f.Note = "the certificate is for other domains: the server orders one when it runs"
	default:
		checkCertificate(setting, pair.Leaf, string(settings.PublicURL), now, f)
	}
}
