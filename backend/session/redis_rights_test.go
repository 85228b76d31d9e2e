package session

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/secret"
)

// A sign-in cannot open a session on a Redis that answers reads only, such as a replica, or that refuses one of the commands
// of the scripts, or one of those that call scripts. A script that Redis knows already needs no EVAL.
func TestARedisThatRefusesACommandOfSessionsOrLimitsIsUnavailable(t *testing.T) {
	given := testRedis(t)
	const user, password = "aikagi-lacks-rights", "only-for-this-test"
	defer given.storage.Conn().Do(context.Background(), "ACL", "DELUSER", user)
	address, err := redis.ParseURL(os.Getenv("AIKAGI_TEST_REDIS"))
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{"@write": true, "@scripting": true, "evalsha": true, "eval": true}
	for _, file := range []string{"redis_scripts.go", "../throttle/redis.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range regexp.MustCompile(`redis\.call\('([A-Z]+)'`).FindAllStringSubmatch(string(source), -1) {
			refused[strings.ToLower(call[1])] = true
		}
	}
	if err := New(given, idle, absolute, newClock().now).Ping(t.Context()); err != nil { // Redis has the scripts
		t.Fatal(err)
	}
	for command := range refused {
		rules := []any{"ACL", "SETUSER", user, "reset", "on", ">" + password, "~*", "+@all", "-" + command}
		if err := given.storage.Conn().Do(t.Context(), rules...).Err(); err != nil {
			t.Fatal(command, err)
		}
		r := openRedis(t, RedisSettings{Hosts: []string{address.Addr}, User: user, Password: secret.New(password)})
		if err := New(r, idle, absolute, newClock().now).Ping(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("without %s: got %v, want ErrUnavailable", command, err)
		}
	}
}
