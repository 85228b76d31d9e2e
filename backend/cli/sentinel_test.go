package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/testkit"
	"aikagi/backend/testkit/fleet"
)

func TestSentinelsGetTheirOwnPassword(t *testing.T) {
	f, err := fleet.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	sentinels, err := f.StartSentinels(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, sentinel := range sentinels.Watch {
		client := redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", sentinel.Port)})
		if err := client.Do(t.Context(), "ACL", "SETUSER", "default", "resetpass", ">of-the-sentinels").Err(); err != nil {
			t.Fatal(err)
		}
		_ = client.Close()
	}
	s := newSite(t, testkit.SQLite(t))
	for setting, want := range map[string]string{
		sentinels.URL() + "?sentinel_password=of-the-sentinels": "redis: ok\n",
		sentinels.URL(): "redis: FAULT",
		strings.Replace(sentinels.URL(), "/aikagi", "/other", 1) + "?sentinel_password=of-the-sentinels": "redis: FAULT: ",
	} {
		_, printed := runIn(t, append([]string{"AIKAGI_REDIS=" + setting}, s.environ...), "check")
		if !strings.Contains(printed, want) || strings.Contains(printed, "of-the-sentinels") {
			t.Errorf("%s: got %s, want %q", setting, printed, want)
		}
	}
}
