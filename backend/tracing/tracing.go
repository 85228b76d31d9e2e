// Package tracing records how long requests, batches of the resolver and letters take, and their calls to the database, Redis
// and the mail server. It sends the spans to a [Receiver] by OTLP. It is the only package that knows OpenTelemetry.
//
// [New] makes a [Tracer]. Other packages call optional func fields at the start of some work, and package cli sets these
// fields to methods such as [Tracer.Request]. Each method starts a span and returns a func, which the caller must call to end
// it. There are two kinds of spans:
//
//   - [Tracer.Request], [Tracer.Batch], [Tracer.Letters] and [Tracer.Letter] start a trace, or continue that of ctx.
//   - [Tracer.Statement] and [Tracer.Redis] only add a span to the trace of ctx. Without one, such as in periodic work, they
//     return nil. [Tracer.SMTP] adds the conversation with the mail server.
//
// Every attribute comes from a closed set, so that a trace holds no data of members: no values of a statement, no path, no
// login ID, no address and no text of an error. A traceparent header of a request is ignored, so that a stranger can choose
// neither the trace id nor what is sampled.
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

// Settings tell where traces go and which are sampled. They correspond to the standard OTEL_ variables.
type Settings struct {
	Receiver
	// ServiceName is "aikagi" if it is empty. Version is that of the program.
	ServiceName, Version string
	// Attributes are further attributes of the resource.
	Attributes map[string]string
	// Sampler is the value of OTEL_TRACES_SAMPLER. Empty means parentbased_always_on. Ratio is its argument.
	Sampler string
	Ratio   float64
	// ScheduleDelay, QueueSize and BatchSize control how spans are sent in batches. 0 means the default of the SDK: 5 s, 2048
	// and 512.
	ScheduleDelay        time.Duration
	QueueSize, BatchSize int
}

// Tracer starts spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// New returns a Tracer. It connects to the receiver when there are spans to send. If the receiver cannot be reached, spans are
// lost, but no request fails or waits.
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

// Close sends the spans that were not sent yet, until ctx ends.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}

// otherMethod is what callers pass for a method that is not a standard one.
const otherMethod = "other"

// Request starts a new trace with the span of a request. The caller must pass methods and routes of closed sets only. A method
// that is not a standard one is "other", and gets the names of OpenTelemetry's conventions for HTTP.
func (t *Tracer) Request(ctx context.Context, method string) (context.Context, func(route string, status int)) {
	name := method
	if method == otherMethod {
		name, method = "HTTP", "_OTHER"
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(route string, status int) {
		span.SetName(name + " " + route)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route),
			attribute.Int("http.response.status_code", status))
		if status >= 500 {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Statement adds the span of a database statement to the trace of ctx. It returns nil if ctx has no trace. The operation is
// SELECT, INSERT, UPDATE or DELETE, and the table is one of the program's tables.
func (t *Tracer) Statement(ctx context.Context, system string) func(operation, table string, failed bool) {
	if !isTraced(ctx) {
		return nil
	}
	_, span := t.tracer.Start(ctx, system, trace.WithSpanKind(trace.SpanKindClient))
	return func(operation, table string, failed bool) {
		span.SetName(operation + " " + table)
		span.SetAttributes(attribute.String("db.system.name", system), attribute.String("db.operation.name", operation),
			attribute.String("db.collection.name", table))
		endSpan(span, failed)
	}
}

// Redis adds the span of a Redis command to the trace of ctx. It returns nil if ctx has no trace. The command is a name in the
// program's code.
func (t *Tracer) Redis(ctx context.Context, command string) func(failed bool) {
	if !isTraced(ctx) {
		return nil
	}
	_, span := t.tracer.Start(ctx, "redis "+command, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", "redis"), attribute.String("db.operation.name", command)))
	return func(failed bool) { endSpan(span, failed) }
}

// Batch starts the span of a batch of the resolver. requests is the number of requests for recovery in it.
func (t *Tracer) Batch(ctx context.Context, requests int) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "resolve", trace.WithAttributes(attribute.Int("aikagi.asks", requests)))
	return ctx, func(failed bool) { endSpan(span, failed) }
}

// Letters starts the span of one step for a set of letters. The step is a name in the program's code.
func (t *Tracer) Letters(ctx context.Context, step string, letters int) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "letters "+step, trace.WithAttributes(attribute.Int("aikagi.letters", letters)))
	return ctx, func(failed bool) { endSpan(span, failed) }
}

// Letter starts the span of a try to deliver a letter.
func (t *Tracer) Letter(ctx context.Context, kind string) (context.Context, func()) {
	ctx, span := t.tracer.Start(ctx, "letter", trace.WithAttributes(attribute.String("aikagi.letter.kind", kind)))
	return ctx, func() { span.End() }
}

// SMTP starts the span of a conversation with the mail server.
func (t *Tracer) SMTP(ctx context.Context) (context.Context, func(failed bool)) {
	ctx, span := t.tracer.Start(ctx, "smtp", trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(failed bool) { endSpan(span, failed) }
}

// isTraced reports whether ctx belongs to a span that is sampled. The statements of periodic work do not.
func isTraced(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

// endSpan ends a span. A failed span does not get the text of the error, which may hold data of a member.
func endSpan(span trace.Span, failed bool) {
	if failed {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
