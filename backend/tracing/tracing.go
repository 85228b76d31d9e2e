// Package tracing records what a request, a batch of the resolver and a letter spend their time on, and sends it to an
// OTLP receiver. It is the only package that knows OpenTelemetry: the others have optional func fields, and cli sets them
// to the methods of [Tracer].
//
// Every attribute comes from a closed set, so that nothing of a member gets into a trace: no statement with its values, no
// path, no login ID, no address, no error's text. Requests bring no trace of their own: what a stranger sends decides
// neither ids nor what is sampled.
package tracing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Settings say where traces go and which are kept. They follow the standard OTEL_ names.
type Settings struct {
	Receiver
	// ServiceName is empty for "aikagi"; Version is the program's.
	ServiceName, Version string
	// Attributes of the resource, beside the service's name and version.
	Attributes map[string]string
	// Sampler is the value of OTEL_TRACES_SAMPLER, or empty for parentbased_always_on; Ratio is its argument.
	Sampler string
	Ratio   float64
	// ScheduleDelay, QueueSize and BatchSize are of the batches; 0: the SDK's (5 s, 2048, 512).
	ScheduleDelay        time.Duration
	QueueSize, BatchSize int
}

// Tracer makes spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New makes a tracer. It connects to the receiver when there are spans to send; a receiver that is away costs spans, never
// a request.
func New(ctx context.Context, settings Settings, log *slog.Logger) (*Tracer, error) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "error", err) }))
	attributes := []attribute.KeyValue{attribute.String("service.version", settings.Version)}
	for name, value := range settings.Attributes {
		attributes = append(attributes, attribute.String(name, value))
	}
	name := cmp.Or(settings.ServiceName, settings.Attributes["service.name"], "aikagi")
	attributes = append(attributes, attribute.String("service.name", name))
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(attributes...))
	if err != nil {
		return nil, fmt.Errorf("describe the traced service: %w", err)
	}
	sampler, err := settings.sampler()
	if err != nil {
		return nil, err
	}
	batches := []sdk.BatchSpanProcessorOption{sdk.WithExportTimeout(settings.Timeout)}
	if settings.ScheduleDelay > 0 {
		batches = append(batches, sdk.WithBatchTimeout(settings.ScheduleDelay))
	}
	if settings.QueueSize > 0 {
		batches = append(batches, sdk.WithMaxQueueSize(settings.QueueSize))
	}
	if settings.BatchSize > 0 {
		batches = append(batches, sdk.WithMaxExportBatchSize(settings.BatchSize))
	}
	provider := sdk.NewTracerProvider(
		sdk.WithResource(described), sdk.WithSampler(sampler), sdk.WithBatcher(newExporter(settings.Receiver, log), batches...))
	return &Tracer{provider, provider.Tracer("aikagi")}, nil
}

func (s Settings) sampler() (sdk.Sampler, error) {
	switch s.Sampler {
	case "", "parentbased_always_on":
		return sdk.ParentBased(sdk.AlwaysSample()), nil
	case "always_on":
		return sdk.AlwaysSample(), nil
	case "always_off", "parentbased_always_off":
		return sdk.NeverSample(), nil
	case "traceidratio", "parentbased_traceidratio":
		return sdk.ParentBased(sdk.TraceIDRatioBased(s.Ratio)), nil
	}
	return nil, fmt.Errorf("unknown sampler %q", s.Sampler)
}

// Close sends what is still kept, until ctx ends.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// Request begins the span of a request. Both method and route must be of closed sets.
func (t *Tracer) Request(ctx context.Context, method string) (context.Context, func(route string, status int)) {
	ctx, span := t.tracer.Start(ctx, method, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(route string, status int) {
		span.SetName(method + " " + route)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
			attribute.Int("http.response.status_code", status))
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Statement begins the span of a database statement, in what ctx is traced as. The operation is SELECT, INSERT, UPDATE or
// DELETE, and the table one of the program's.
func (t *Tracer) Statement(ctx context.Context, system string) func(operation, table string, failed bool) {
	if !isTraced(ctx) {
		return nil
	}
	_, span := t.tracer.Start(ctx, system, trace.WithSpanKind(trace.SpanKindClient))
	return func(operation, table string, failed bool) {
		span.SetName(operation + " " + table)
		span.SetAttributes(attribute.String("db.system.name", system), attribute.String("db.operation.name", operation),
			attribute.String("db.collection.name", table))
		end(span, failed)
	}
}

// Redis begins the span of a command to Redis, in what ctx is traced as. Its name is one that the program's code holds.
func (t *Tracer) Redis(ctx context.Context, command string) func(failed bool) {
	if !isTraced(ctx) {
		return nil
	}
	_, span := t.tracer.Start(ctx, "redis "+command, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", "redis"), attribute.String("db.operation.name", command)))
	return func(failed bool) { end(span, failed) }
}

// Batch begins the span of a batch of the resolver that has claimed so many asks.
func (t *Tracer) Batch(ctx context.Context, asks int) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "resolve", trace.WithAttributes(attribute.Int("aikagi.asks", asks)))
	return ctx, func(failed bool) { end(span, failed) }
}

// Letters begins the span of a set of letters that is begun or recorded.
func (t *Tracer) Letters(ctx context.Context, deed string, letters int) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "letters "+deed, trace.WithAttributes(attribute.Int("aikagi.letters", letters)))
	return ctx, func(failed bool) { end(span, failed) }
}

// Letter begins the span of a try to deliver a letter.
func (t *Tracer) Letter(ctx context.Context, kind string) (context.Context, func()) {
	ctx, span := t.tracer.Start(ctx, "letter", trace.WithAttributes(attribute.String("aikagi.letter.kind", kind)))
	return ctx, func() { span.End() }
}

// SMTP begins the span of a conversation with the mail server.
func (t *Tracer) SMTP(ctx context.Context) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "smtp", trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(failed bool) { end(span, failed) }
}

// isTraced says whether ctx belongs to a span that is kept. What periodic work asks of a dependency belongs to none.
func isTraced(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// end marks a failed span without the error's text, which may hold a value.
func end(span trace.Span, failed bool) {
	if failed {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
