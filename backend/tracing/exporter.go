package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/protobuf/proto"
)

// Receiver is where traces go, by OTLP over HTTP.
type Receiver struct {
	// URL is the whole address, with /v1/traces.
	URL string
	// Headers are sent with each request. They may hold a secret.
	Headers map[string]string
	// Timeout bounds one request.
	Timeout time.Duration
	Gzip    bool
	RootCAs *x509.CertPool // what verifies the receiver's certificate; nil: the system's
}

// exporter sends spans to a receiver. OpenTelemetry's own (otlptracehttp) does the same but brings gRPC along: 3 MB of
// program. Spans that the receiver does not take are dropped: SDKs must bound what they keep, and traces are no record.
type exporter struct {
	Receiver
	client *http.Client
	log    *slog.Logger
	isAway atomic.Bool
}

func newExporter(to Receiver, log *slog.Logger) *exporter {
	return &exporter{Receiver: to, log: log, client: &http.Client{
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: to.RootCAs},
			IdleConnTimeout: time.Minute, MaxIdleConns: 1, ResponseHeaderTimeout: to.Timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the headers are for this receiver only
	}}
}

// ExportSpans sends spans. What came of it is logged when it changes.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	err := e.send(ctx, spans)
	if wasAway := e.isAway.Swap(err != nil); wasAway != (err != nil) {
		if err != nil {
			e.log.WarnContext(ctx, "the receiver of traces does not take them; they are dropped", "error", err)
		} else {
			e.log.InfoContext(ctx, "the receiver of traces takes them again")
		}
	}
	return nil // told above, once
}

func (e *exporter) send(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	content, err := proto.Marshal(encode(spans))
	if err != nil {
		return fmt.Errorf("write spans: %w", err)
	}
	if e.Gzip {
		content = compress(content)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(content))
	if err != nil {
		return withoutURL(err)
	}
	for name, value := range e.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if e.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := e.client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection is used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %d", answer.StatusCode)
	}
	return nil
}

// Shutdown answers the SDK: nothing is kept here.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func compress(content []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(content) // a buffer takes everything
	_ = writer.Close()
	return packed.Bytes()
}

// withoutURL keeps the receiver's address, which may hold a key, out of the log.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
