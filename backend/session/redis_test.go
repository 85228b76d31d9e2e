package session

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"aikagi/backend/member"
	"aikagi/backend/secret"
)

// testRedis connects to the Redis in AIKAGI_TEST_REDIS. Without it the tests fail. They are never skipped, because
// production runs on Redis.
func testRedis(t *testing.T) *Redis {
	t.Helper()
	address := os.Getenv("AIKAGI_TEST_REDIS")
	if address == "" {
		t.Fatal("AIKAGI_TEST_REDIS is not set: start a Redis and give its address, redis://127.0.0.1:6379")
	}
	given, err := redis.ParseURL(address)
	if err != nil {
		t.Fatalf("AIKAGI_TEST_REDIS: %v", err)
	}
	return openRedis(t, RedisSettings{
		Hosts: []string{given.Addr}, User: given.Username, Password: secret.New(given.Password), Database: given.DB, TLS: given.TLSConfig != nil,
	})
}

func openRedis(t *testing.T, settings RedisSettings) *Redis {
	t.Helper()
	r := OpenRedis(settings)
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func redisKey(token Token) string {
	key, _ := token.key()
	return redisPrefix + key
}

func TestThePingsKeyExpires(t *testing.T) {
	r := testRedis(t)
	if err := New(r, idle, absolute, newClock().now).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.storage.Conn().PTTL(t.Context(), "aikagi:ping").Val(); got <= 0 || got > 10*time.Second {
		t.Errorf("got a key that lives %s, want 10 s at most", got)
	}
}

func TestRedisHoldsNoToken(t *testing.T) {
	r := testRedis(t)
	id := nextMember()
	token := openAs(t, New(r, idle, absolute, newClock().now), id, member.IPhone)
	keys, err := r.storage.Conn().Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(token.Reveal()))
	want := fmt.Sprintf("aikagi:session:%x", hash)
	if all := strings.Join(keys, "\n"); !slices.Contains(keys, want) || strings.Contains(all, token.Reveal()) {
		t.Errorf("got keys\n%s\nwant %s, and not the token", all, want)
	}
	fields, err := r.storage.Conn().HGetAll(t.Context(), redisKey(token)).Result()
	if err != nil {
		t.Fatal(err)
	}
	wantFields := map[string]string{
		fieldMemberID: fmt.Sprint(id), fieldLoginID: "abcd", fieldVersion: "3", fieldDevice: "iphone",
		fieldOpenedAt: "1775034000123456", fieldSeenAt: "1775034000123456",
	}
	if !reflect.DeepEqual(fields, wantFields) {
		t.Errorf("got %v, want %v", fields, wantFields)
	}
}

func TestRedisExpiresASessionThatNobodyAsksFor(t *testing.T) {
	r, c := testRedis(t), newClock()
	k := New(r, idle, absolute, c.now)
	token := open(t, k)
	wantTimeToLive(t, r, token, idle)

	c.pass(idle - time.Second)
	if err := r.storage.Conn().PExpire(t.Context(), redisKey(token), time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	find(t, k, token)
	wantTimeToLive(t, r, token, idle) // restarted

	brief := New(r, idle, idle+time.Minute, c.now)
	find(t, brief, token)
	wantTimeToLive(t, r, token, time.Minute+time.Second) // until the absolute end
}

// wantTimeToLive allows for the time that the test itself takes, which shortens the TTL.
func wantTimeToLive(t *testing.T, r *Redis, token Token, want time.Duration) {
	t.Helper()
	got, err := r.storage.Conn().PTTL(t.Context(), redisKey(token)).Result()
	if err != nil {
		t.Fatal(err)
	}
	if got > want || got < want-50*time.Second {
		t.Errorf("got a time to live of %v, want just under %v", got, want)
	}
}

func TestAHashThatCannotBeReadIsNoSession(t *testing.T) {
	r := testRedis(t)
	k := New(r, idle, absolute, newClock().now)
	for field, value := range map[string]string{fieldMemberID: "seven", fieldVersion: "", fieldOpenedAt: "x", fieldSeenAt: "x"} {
		token := open(t, k)
		if err := r.storage.Conn().HSet(t.Context(), redisKey(token), field, value).Err(); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, k, token)
	}
	for _, field := range []string{fieldMemberID, fieldLoginID, fieldVersion, fieldDevice, fieldOpenedAt, fieldSeenAt} {
		token := open(t, k)
		if err := r.storage.Conn().HDel(t.Context(), redisKey(token), field).Err(); err != nil {
			t.Fatal(err)
		}
		wantMissing(t, k, token)
	}
}

// wantUnavailable calls every method of the Keeper.
func wantUnavailable(t *testing.T, k *Keeper) {
	t.Helper()
	ctx, token := t.Context(), generateToken()
	_, openErr := k.Open(ctx, 7, "abcd", 3, member.Mac)
	_, findErr := k.Find(ctx, token)
	_, listErr := k.List(ctx, token, 7, 3)
	for method, err := range map[string]error{
		"list": listErr, "close others": k.CloseOthers(ctx, token, 7),
		"open": openErr, "find": findErr, "raise the version": k.RaiseVersion(ctx, token, 4), "close": k.Close(ctx, token), "ping": k.Ping(ctx),
	} {
		if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrMissing) {
			t.Errorf("%s: got %v, want ErrUnavailable", method, err)
		}
	}
}

func TestEveryCallWithoutRedisReturnsUnavailable(t *testing.T) {
	k := New(openRedis(t, RedisSettings{Hosts: []string{closedAddress(t)}}), idle, absolute, newClock().now)
	wantUnavailable(t, k)
	// The cause is the refused connection, so no call waited for its deadline.
	if err := k.Ping(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want a refused connection as the cause", err)
	}
	wantMissing(t, k, NewToken("no token at all"))
}

func TestEveryCallWithoutSentinelsReturnsUnavailable(t *testing.T) {
	k := New(openRedis(t, RedisSettings{Hosts: []string{closedAddress(t), closedAddress(t)}, Master: "main"}), idle, absolute, newClock().now)
	wantUnavailable(t, k)
}

func TestACallToASilentRedisEndsAtItsDeadline(t *testing.T) {
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r := openRedis(t, RedisSettings{Hosts: []string{silent.Addr().String()}})
	r.timeout = 20 * time.Millisecond
	wantUnavailable(t, New(r, idle, absolute, newClock().now))
}

func closedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestSettingsReachTheClient(t *testing.T) {
	settings := RedisSettings{Hosts: []string{"one:1", "two:2"}, Master: "main", User: "u", Password: secret.New("p"), Database: 4, TLS: true, SentinelUser: "su", SentinelPassword: secret.New("sp")}
	got := settings.options()
	want := redis.UniversalOptions{Addrs: settings.Hosts, MasterName: "main", Username: "u", Password: "p", SentinelUsername: "su", SentinelPassword: "sp", DB: 4, TLSConfig: got.TLSConfig}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if got.TLSConfig == nil || got.TLSConfig.InsecureSkipVerify {
		t.Errorf("got %+v, want TLS with the certificate verified", got.TLSConfig)
	}
	settings.TLS = false
	if got := settings.options().TLSConfig; got != nil {
		t.Errorf("got %+v, want no TLS", got)
	}
}

func redisMembers(t *testing.T, r *Redis, id member.ID) []string {
	t.Helper()
	keys, err := r.storage.Conn().ZRange(t.Context(), memberKey(id), 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAMembersSetLosesEndedSessionsAndExpires(t *testing.T) {
	r, id := testRedis(t), nextMember()
	k := New(r, idle, absolute, newClock().now)
	gone, closed, caller := openAs(t, k, id, member.Mac), openAs(t, k, id, member.Mac), openAs(t, k, id, member.Mac)
	if got, want := memberKey(id), fmt.Sprintf("aikagi:member-sessions:%d", id); got != want {
		t.Errorf("got key %s, want %s", got, want)
	}
	left, err := r.storage.Conn().PTTL(t.Context(), memberKey(id)).Result()
	if err != nil || left > absolute || left < absolute-50*time.Second {
		t.Errorf("got a time to live of %v, %v, want just under %v", left, err, absolute)
	}
	if err := r.storage.Conn().Del(t.Context(), redisKey(gone)).Err(); err != nil { // as if it had expired
		t.Fatal(err)
	}
	if err := k.Close(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	listAs(t, k, caller, id)
	if got, want := redisMembers(t, r, id), []string{redisKey(caller)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestASessionIsListedAgainAfterRedisLostTheSet(t *testing.T) {
	r, id := testRedis(t), nextMember()
	k := New(r, idle, absolute, newClock().now)
	token := openAs(t, k, id, member.Mac)
	if err := r.storage.Conn().Del(t.Context(), memberKey(id)).Err(); err != nil {
		t.Fatal(err)
	}
	find(t, k, token)
	if got := listAs(t, k, token, id); len(got) != 1 || !got[0].Current {
		t.Errorf("got %+v, want the session", got)
	}
}

func TestAHashThatCannotBeReadIsNotListed(t *testing.T) {
	r, id := testRedis(t), nextMember()
	k := New(r, idle, absolute, newClock().now)
	broken, token := openAs(t, k, id, member.Mac), openAs(t, k, id, member.Mac)
	for _, field := range []string{fieldMemberID, fieldDevice, fieldSeenAt} {
		if err := r.storage.Conn().HDel(t.Context(), redisKey(broken), field).Err(); err != nil {
			t.Fatal(err)
		}
		if got := listAs(t, k, token, id); len(got) != 1 || !got[0].Current {
			t.Errorf("without %s: got %+v, want the other session alone", field, got)
		}
	}
}
