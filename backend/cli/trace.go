package cli

import (
	"context"
	"log/slog"

	"aikagi/backend/config"
	"aikagi/backend/mail"
	"aikagi/backend/recovery"
	"aikagi/backend/tracing"
	"aikagi/backend/web"
)

// trace has the parts tell a tracer what they do, when the settings name a receiver. It must be called before any of them
// works.
func (s *server) trace(ctx context.Context, front *web.Server, steps *recovery.Service, postman *mail.Postman, log *slog.Logger) error {
	t := s.settings.Traces
	if !t.IsSet() {
		return nil
	}
	var err error
	if s.tracer, err = tracing.New(ctx, tracerSettings(t), log); err != nil {
		return err
	}
	front.Trace = s.tracer.Request
	steps.OnBatch = s.tracer.Batch
	postman.OnDeliver = func(ctx context.Context, kind recovery.LetterKind) (context.Context, func()) {
		return s.tracer.Letter(ctx, string(kind))
	}
	postman.OnSet = func(ctx context.Context, deed mail.SetDeed, letters int) (context.Context, func(failed bool)) {
		return s.tracer.Letters(ctx, string(deed), letters)
	}
	postman.Transport = tracedTransport{postman.Transport, s.tracer}
	if s.redis != nil {
		s.redis.Trace(s.tracer.Redis)
	}
	return s.store.Trace(s.tracer.Statement)
}

func tracerSettings(t config.Traces) tracing.Settings {
	return tracing.Settings{
		Receiver:    tracing.Receiver{URL: t.URL, Headers: t.Headers.Reveal(), Timeout: t.Timeout, Gzip: t.Gzip, RootCAs: t.RootCAs},
		ServiceName: t.ServiceName, Version: version, Attributes: t.Attributes, Sampler: t.Sampler, Ratio: t.Ratio,
		ScheduleDelay: t.ScheduleDelay, QueueSize: t.QueueSize, BatchSize: t.BatchSize,
	}
}

// tracedTransport makes a span of each letter that is handed over.
type tracedTransport struct {
	mail.Transport
	tracer *tracing.Tracer
}

// Send hands a letter over.
func (t tracedTransport) Send(ctx context.Context, m mail.Message) error {
	ctx, end := t.tracer.SMTP(ctx)
	err := t.Transport.Send(ctx, m)
	end(err != nil)
	return err
}
