package cli

import (
	"context"
	"log/slog"

	"aikagi/backend/config"
	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/tracing"
)

// newTracer returns nil if the settings name no receiver.
func newTracer(ctx context.Context, t config.Traces, log *slog.Logger) (*tracing.Tracer, error) {
	if !t.IsSet() {
		return nil, nil //nolint:nilnil // nothing is traced
	}
	return tracing.New(ctx, tracing.Settings{
		Receiver:    tracing.Receiver{URL: t.URL, Headers: t.Headers.Reveal(), Timeout: t.Timeout, Gzip: t.Gzip, RootCAs: t.RootCAs},
		ServiceName: t.ServiceName, Version: version, Attributes: t.Attributes, Sampler: t.Sampler, Ratio: t.Ratio,
		ScheduleDelay: t.ScheduleDelay, QueueSize: t.QueueSize, BatchSize: t.BatchSize,
	}, log)
}

// traceConnections traces the commands to Redis and the statements to the database.
func (s *server) traceConnections() error {
	if s.tracer == nil {
		return nil
	}
	if s.redis != nil {
		s.redis.Trace(s.tracer.Redis)
	}
	return s.store.Trace(s.tracer.Statement)
}

// spans are the hooks of the services that begin a span and return what ends it. All are nil if nothing is traced.
type spans struct {
	tracer *tracing.Tracer

	request   func(ctx context.Context, method string) (context.Context, func(route string, status int))
	batch     func(ctx context.Context, asks int) (context.Context, func(failed bool))
	letter    func(ctx context.Context, kind recovery.LetterKind) (context.Context, func())
	letterSet func(ctx context.Context, step mail.SetStep, letters int) (context.Context, func(failed bool))
}

func newSpans(tracer *tracing.Tracer) spans {
	if tracer == nil {
		return spans{}
	}
	return spans{
		tracer:  tracer,
		request: tracer.Request,
		batch:   tracer.Batch,
		letter: func(ctx context.Context, kind recovery.LetterKind) (context.Context, func()) {
			return tracer.Letter(ctx, string(kind))
		},
		letterSet: func(ctx context.Context, step mail.SetStep, letters int) (context.Context, func(failed bool)) {
			return tracer.Letters(ctx, string(step), letters)
		},
	}
}

// transport returns the transport, traced if anything is.
func (s spans) transport(t mail.Transport) mail.Transport {
	if s.tracer == nil {
		return t
	}
	return tracedTransport{t, s.tracer}
}

// tracedTransport makes a span of each letter that it sends.
type tracedTransport struct {
	mail.Transport
	tracer *tracing.Tracer
}

// Send sends a letter.
func (t tracedTransport) Send(ctx context.Context, m mail.Message) error {
	ctx, end := t.tracer.SMTP(ctx)
	err := t.Transport.Send(ctx, m)
	end(err != nil)
	return err
}
