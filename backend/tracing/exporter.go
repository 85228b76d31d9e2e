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

// Receiver is a server that takes spans by OTLP over HTTP.
type Receiver struct {
	// URL is the full address, including /v1/traces.
	URL string
	// Headers are sent with each request. They may hold a secret.
	Headers map[string]string
	// Timeout bounds one request.
	Timeout time.Duration
	Gzip    bool
	RootCAs *x509.CertPool // verify the receiver's certificate; nil for those of the system
}

// exporter sends spans to a receiver. OpenTelemetry's otlptracehttp does the same, but it imports gRPC, which adds 3 MB to the
// program. Spans that the receiver does not accept are dropped, because the memory for them must be bounded.
type exporter struct {
	Receiver
	client *http.Client
	log    *slog.Logger
	isDown atomic.Bool // the last request failed
}

func newExporter(receiver Receiver, log *slog.Logger) *exporter {
	return &exporter{Receiver: receiver, log: log, client: &http.Client{
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: receiver.RootCAs},
			IdleConnTimeout: time.Minute, MaxIdleConns: 1, ResponseHeaderTimeout: receiver.Timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // another server must not get the headers
	}}
}

// ExportSpans sends spans. It logs a failure, and the first success after one. It returns no error, so that the SDK does not log
// each failure.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	err := e.send(ctx, spans)
	if wasDown := e.isDown.Swap(err != nil); wasDown != (err != nil) {
		if err != nil {
			e.log.WarnContext(ctx, "the receiver of traces does not take them; they are dropped", "error", err)
		} else {
			e.log.InfoContext(ctx, "the receiver of traces takes them again")
		}
	}
	return nil
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
	response, err := e.client.Do(request)
	if err != nil {
		return withoutURL(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be reused
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %d", response.StatusCode)
	}
	return nil
}

// Shutdown closes the connection. ExportSpans keeps no spans that could be lost.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

func compress(content []byte) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(content) // writing to a buffer does not fail
	_ = writer.Close()
	return packed.Bytes()
}

// withoutURL removes the receiver's address, which may hold a key, from an error.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
