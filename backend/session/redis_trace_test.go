package session

import (
	"context"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"
)

// tracedRedis connects to Redis and returns a function for the traced commands since its last call: name, and ! if it failed.
// Commands of new connections are left out. With leaveOut it traces none.
func tracedRedis(t *testing.T, leaveOut bool) (client redis.UniversalClient, traced func() []string) {
	t.Helper()
	r := testRedis(t)
	var told []string
	r.Trace(func(_ context.Context, command string) func(bool) {
		if leaveOut {
			return nil
		}
		return func(failed bool) {
			if failed {
				command += "!"
			}
			told = append(told, command)
		}
	})
	return r.storage.Conn(), func() []string {
		all := slices.DeleteFunc(told, func(name string) bool { return name == "hello" || name == "client" })
		told = nil
		return all
	}
}

func TestATraceTellsTheNameOfACommandAndWhetherItFailed(t *testing.T) {
	client, traced := tracedRedis(t, false)
	ctx := t.Context()
	piped := func(command ...any) func() {
		return func() {
			_, _ = client.Pipelined(ctx, func(p redis.Pipeliner) error { return p.Do(ctx, command...).Err() })
		}
	}
	if err := client.Ping(ctx).Err(); err != nil { // opens the connection
		t.Fatal(err)
	}
	traced()
	for name, step := range map[string]struct {
		call func()
		want string
	}{
		"done":                      {func() { client.Ping(ctx) }, "ping"},
		"nothing found":             {func() { client.Get(ctx, "no such key") }, "get"},
		"refused":                   {func() { client.Do(ctx, "get") }, "get!"},
		"a pipeline, done":          {piped("ping"), "pipeline"},
		"a pipeline, nothing found": {piped("get", "no such key"), "pipeline"},
		"a pipeline, refused":       {piped("get"), "pipeline!"},
	} {
		step.call()
		if got := traced(); !slices.Equal(got, []string{step.want}) {
			t.Errorf("%s: got %v, want %s", name, got, step.want)
		}
	}
}

func TestATraceMayLeaveOutACommand(t *testing.T) {
	client, traced := tracedRedis(t, true)
	_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error { return p.Ping(t.Context()).Err() })
	if err == nil {
		err = client.Ping(t.Context()).Err()
	}
	if got := traced(); err != nil || len(got) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}
