package cli

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/crypto/acme"

	"aikagi/backend/config"
)

// acmeCallTime bounds each request to the CA.
const acmeCallTime = 30 * time.Second

// The types of challenges that the server can answer (RFC 8737 and RFC 8555).
const (
	tlsALPN01 = "tls-alpn-01"
	http01    = "http-01"
)

// acmeOrder orders one certificate for all domains of the settings (RFC 8555). It uses neither of the libraries that do the same:
// certmagic adds 3 MB to the program, and the manager of autocert orders while a handshake waits, returns no error, and has no
// lock for several servers.
type acmeOrder struct {
	settings   config.ACME
	folder     acmeFolder
	challenges []string // types that the server can answer, tried in turn
}

func newACMEClient(settings config.ACME) (client *acme.Client, closeIdle func()) {
	transport := &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: settings.RootCAs},
	}
	return &acme.Client{
		DirectoryURL: settings.Directory, UserAgent: "aikagi/" + version,
		HTTPClient: &http.Client{Transport: transport, Timeout: acmeCallTime},
	}, transport.CloseIdleConnections
}

// place orders the certificate, proves the control of the domains, and stores the certificate that the CA signs. The
// caller holds the folder's lock.
func (o acmeOrder) place(ctx context.Context) error {
	client, closeIdle := newACMEClient(o.settings)
	defer closeIdle()
	if err := o.register(ctx, client); err != nil {
		return fmt.Errorf("register an account: %w", err)
	}
	order, err := o.authorize(ctx, client)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: o.settings.Domains}, key)
	if err != nil {
		return err
	}
	chain, _, err := client.CreateCertFromOrder(ctx, order, request, true)
	if err != nil {
		return fmt.Errorf("have the certificate signed: %w", err)
	}
	return o.folder.putPair(ctx, certificateFile, tls.Certificate{Certificate: chain, PrivateKey: key})
}

func (o acmeOrder) register(ctx context.Context, client *acme.Client) (err error) {
	if client.Key, err = o.folder.account(ctx); err != nil {
		return err
	}
	account := new(acme.Account)
	if o.settings.Mail != "" {
		account.Contact = []string{"mailto:" + o.settings.Mail}
	}
	_, err = client.Register(ctx, account, acme.AcceptTOS)
	if errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil
	}
	return err
}

// authorize tries the challenges in turn. Each has an order of its own, because a failed challenge ends its order.
func (o acmeOrder) authorize(ctx context.Context, client *acme.Client) (*acme.Order, error) {
	var failed []error
	for _, challenge := range o.challenges {
		order, err := o.authorizeBy(ctx, client, challenge)
		if err == nil {
			return order, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", challenge, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failed...)
}

func (o acmeOrder) authorizeBy(ctx context.Context, client *acme.Client, challenge string) (*acme.Order, error) {
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(o.settings.Domains...))
	if err != nil {
		return nil, err
	}
	for _, address := range order.AuthzURLs {
		authorization, err := client.GetAuthorization(ctx, address)
		if err != nil {
			return nil, err
		}
		if authorization.Status == acme.StatusValid {
			continue // proved by an earlier order
		}
		if err := o.prove(ctx, client, authorization, challenge); err != nil {
			return nil, err
		}
	}
	return client.WaitOrder(ctx, order.URI)
}

// prove answers one domain's challenge and waits until the CA has checked the answer.
func (o acmeOrder) prove(ctx context.Context, client *acme.Client, authorization *acme.Authorization, kind string) error {
	for _, challenge := range authorization.Challenges {
		if challenge.Type != kind {
			continue
		}
		name, err := o.publish(ctx, client, challenge, authorization.Identifier.Value)
		if err != nil {
			return err
		}
		defer func() { _ = o.folder.files.Delete(context.WithoutCancel(ctx), name) }()
		if _, err = client.Accept(ctx, challenge); err != nil {
			return err
		}
		_, err = client.WaitAuthorization(ctx, authorization.URI)
		return err
	}
	return fmt.Errorf("the CA does not offer this challenge for %s", authorization.Identifier.Value)
}

// publish writes the answer to a challenge into the folder, where all servers find it, and returns the file's name.
func (o acmeOrder) publish(ctx context.Context, client *acme.Client, challenge *acme.Challenge, domain string) (name string, err error) {
	if challenge.Type == tlsALPN01 {
		pair, err := client.TLSALPN01ChallengeCert(challenge.Token, domain)
		if err != nil {
			return "", err
		}
		name = challengePrefix + domain
		return name, o.folder.putPair(ctx, name, pair)
	}
	if !challengeToken.MatchString(challenge.Token) {
		return "", errors.New("the CA's token is malformed")
	}
	answer, err := client.HTTP01ChallengeResponse(challenge.Token)
	if err != nil {
		return "", err
	}
	name = answerPrefix + challenge.Token
	return name, o.folder.files.Put(ctx, name, []byte(answer))
}
