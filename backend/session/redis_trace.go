package session

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// Trace has begin told of each command that is sent, with its name alone, and its end whether it failed. begin may return
// nil. Call it before the first command.
func (r *Redis) Trace(begin func(ctx context.Context, command string) func(failed bool)) {
	r.storage.Conn().AddHook(traceHook(begin))
}

type traceHook func(ctx context.Context, command string) func(failed bool)

// DialHook passes connections through.
func (traceHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook surrounds one command.
func (begin traceHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		end := begin(ctx, command.Name())
		err := next(ctx, command)
		if end != nil {
			end(err != nil && !errors.Is(err, redis.Nil))
		}
		return err
	}
}

// ProcessPipelineHook surrounds several commands as one.
func (begin traceHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		end := begin(ctx, "pipeline")
		err := next(ctx, commands)
		if end != nil {
			end(err != nil && !errors.Is(err, redis.Nil))
		}
		return err
	}
}
