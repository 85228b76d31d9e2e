package cli

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/crypto/acme/autocert"

	"aikagi/backend/config"
)

// acmeFolder is the folder that servers for the same domains share. It keeps the account's key, the certificate, and the
// answers to current challenges, because the CA may ask any of the servers. A file is replaced as a whole, and only its
// owner can read it. Each ACME directory has a folder of its own, so that a certificate of a CA's test directory is
// never used as a real one.
type acmeFolder struct {
	path  string
	files autocert.DirCache
}

const (
	accountFile     = "account"
	certificateFile = "certificate"
	answerPrefix    = "http-01-"
	challengePrefix = "tls-alpn-01-"
)

// openACMEFolder returns the folder and creates it if it does not exist.
func openACMEFolder(settings config.ACME) (acmeFolder, error) {
	f, err := acmeFolderOf(settings)
	if err == nil {
		err = os.MkdirAll(f.path, 0o700)
	}
	return f, err
}

// acmeFolderOf returns the folder for the ACME directory of the settings. It does not create it.
func acmeFolderOf(settings config.ACME) (acmeFolder, error) {
	address, err := url.Parse(settings.Directory)
	if err != nil {
		return acmeFolder{}, err
	}
	name := strings.NewReplacer("/", "_", ":", "_").Replace(address.Host + address.EscapedPath())
	path := filepath.Join(settings.Folder, name)
	return acmeFolder{path: path, files: autocert.DirCache(path)}, nil
}

// lock keeps other servers from ordering a certificate at the same time. It reports whether the lock was free, and does
// not wait.
func (f acmeFolder) lock() (release func(), isFree bool, err error) {
	lock, err := tryLock(filepath.Join(f.path, "lock"))
	if lock == nil {
		return nil, false, err
	}
	return func() { _ = lock.Close() }, true, nil
}

// account returns the account's key, and generates it the first time. The caller holds the lock.
func (f acmeFolder) account(ctx context.Context) (crypto.Signer, error) {
	text, err := f.files.Get(ctx, accountFile)
	if errors.Is(err, autocert.ErrCacheMiss) {
		return f.newAccount(ctx)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the file of the account's key is not PEM")
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the account's key: %w", err)
	}
	return key, nil
}

func (f acmeFolder) newAccount(ctx context.Context) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, f.files.Put(ctx, accountFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

// pair reads a certificate with its key. It returns [autocert.ErrCacheMiss] if there is none.
func (f acmeFolder) pair(ctx context.Context, name string) (*tls.Certificate, error) {
	text, err := f.files.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("the file %s: %w", name, err)
	}
	return &pair, nil
}

func (f acmeFolder) putPair(ctx context.Context, name string, pair tls.Certificate) error {
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, der := range pair.Certificate {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return f.files.Put(ctx, name, text)
}

// challengeToken is the form of a challenge's token (RFC 8555, 8.3). A token is part of a file name: this form keeps a
// client of the plain listener from reading other files.
var challengeToken = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

// answer returns the answer to the HTTP-01 challenge with the token, if there is such a challenge.
func (f acmeFolder) answer(ctx context.Context, token string) (answer string, known bool) {
	if !challengeToken.MatchString(token) {
		return "", false
	}
	text, err := f.files.Get(ctx, answerPrefix+token)
	return string(text), err == nil
}
