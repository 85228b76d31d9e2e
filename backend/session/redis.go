package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	storage "github.com/gofiber/storage/redis/v3"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"aikagi/backend/member"
)

const (
	redisPrefix = "aikagi:session:"
	// redisMemberPrefix begins the name of a member's set, which holds the keys of the member's sessions.
	redisMemberPrefix = "aikagi:member-sessions:"
	// redisPingKey begins the keys that are written to check what Redis accepts.
	redisPingKey = "aikagi:ping"
	redisPingTTL = 10 * time.Second
	// redisCallTimeout bounds every call, including its retry and its wait for a connection.
	redisCallTimeout = 2 * time.Second
	// redisTimeout bounds one dial, one write, or one read.
	redisTimeout = time.Second
	// dialPause is how long go-redis waits after each failed dial, even after the last one.
	dialPause = time.Millisecond
)

// The fields of a session's Redis hash. Times are Unix microseconds, which a Lua number represents exactly.
const (
	fieldMemberID = "member_id"
	fieldLoginID  = "login_id"
	fieldVersion  = "password_version"
	fieldDevice   = "device"
	fieldOpenedAt = "opened_at"
	fieldSeenAt   = "seen_at"
)

// Redis is the [Backend] that several servers share.
type Redis struct {
	storage *storage.Storage
	timeout time.Duration // of each call
}

// disableClientLog stops go-redis from writing to standard error. Its lines do not have the form of our log, and the
// errors say the same.
var disableClientLog = sync.OnceFunc(logging.Disable)

// OpenRedis returns a backend that connects at its first use. While Redis is away every call returns ErrUnavailable; when
// Redis is back, calls succeed again. It does not use storage.New, which panics while Redis is away and offers neither
// our timeouts nor our number of dials.
func OpenRedis(settings RedisSettings) *Redis {
	options := settings.options()
	disableClientLog()
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	options.PoolTimeout = redisTimeout
	options.MaxRetries = 1
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{storage.NewFromConnection(connect(options)), redisCallTimeout}
}

// connect does not use redis.NewUniversalClient, whose options cannot set the number of dials. The default is five with
// pauses, for every call while Redis is away.
func connect(options *redis.UniversalOptions) redis.UniversalClient {
	if options.MasterName != "" {
		failover := options.Failover()
		failover.DialerRetries, failover.DialerRetryTimeout = 1, dialPause
		return redis.NewFailoverClient(failover)
	}
	single := options.Simple()
	single.DialerRetries, single.DialerRetryTimeout = 1, dialPause
	return redis.NewClient(single)
}

// Storage returns the storage, so that the throttle can share its connections.
func (r *Redis) Storage() *storage.Storage { return r.storage }

// Close closes the connections. The sessions stay in Redis.
func (r *Redis) Close() error {
	if err := r.storage.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

func (r *Redis) open(ctx context.Context, key string, s Session, life lifetime) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return wrapError(openScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key, memberKey(s.MemberID)},
		s.OpenedAt.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), maxPerMember,
		fieldMemberID, int64(s.MemberID), fieldLoginID, string(s.LoginID),
		fieldVersion, s.PasswordVersion, fieldDevice, string(s.Device),
		fieldOpenedAt, s.OpenedAt.UnixMicro(), fieldSeenAt, s.SeenAt.UnixMicro(),
	).Err())
}

func memberKey(id member.ID) string { return redisMemberPrefix + strconv.FormatInt(int64(id), 10) }

func (r *Redis) touch(ctx context.Context, key string, now time.Time, life lifetime) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	fields, err := touchScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), redisMemberPrefix,
	).Slice()
	if err != nil {
		return Session{}, wrapError(err)
	}
	return readSession(fields)
}

func (r *Redis) raiseVersion(ctx context.Context, key string, version int64, now time.Time, life lifetime) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return wrapError(raiseVersionScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), version,
	).Err())
}

func (r *Redis) close(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return wrapError(r.storage.DeleteWithContext(ctx, redisPrefix+key))
}

func (r *Redis) list(ctx context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	rows, err := listScript.Run(
		ctx, r.storage.Conn(), []string{memberKey(id)},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(),
	).Slice()
	if err != nil {
		return nil, wrapError(err)
	}
	found := make(map[string]Session, len(rows))
	for _, row := range rows {
		if key, s, err := readListed(row); err == nil {
			found[key] = s
		}
	}
	return found, nil
}

func (r *Redis) closeOthers(ctx context.Context, key string, id member.ID) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return wrapError(closeOthersScript.Run(ctx, r.storage.Conn(), []string{memberKey(id), redisPrefix + key}).Err())
}

// ping also tries EVAL. Scripts run with EVALSHA, and with EVAL only when Redis has not cached them, so a user without EVAL fails
// only for some scripts.
func (r *Redis) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	err := evalScript.Eval(ctx, r.storage.Conn(), nil).Err()
	if err == nil {
		keys := []string{redisPingKey, redisPingKey + ":hash", redisPingKey + ":set"}
		err = pingScript.Run(ctx, r.storage.Conn(), keys, redisPingTTL.Milliseconds()).Err()
	}
	if errors.Is(err, redis.Nil) { // never the reply of the scripts
		return fmt.Errorf("%w: the Sentinels know no master of this name", ErrUnavailable)
	}
	return wrapError(err)
}

// wrapError turns an error of the client into ErrMissing or ErrUnavailable.
func wrapError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return ErrMissing
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// fieldReader reads the values of a script's reply one after the other. broken is set when one is missing or malformed.
type fieldReader struct {
	left   []any
	broken bool
}

func (r *fieldReader) text() string {
	if len(r.left) > 0 {
		text, isText := r.left[0].(string)
		r.left = r.left[1:]
		if isText {
			return text
		}
	}
	r.broken = true
	return ""
}

func (r *fieldReader) number() int64 {
	number, err := strconv.ParseInt(r.text(), 10, 64)
	r.broken = r.broken || err != nil
	return number
}

func (r *fieldReader) time() time.Time { return time.UnixMicro(r.number()).UTC() }

// readSession returns ErrMissing for malformed fields. The member has to sign in again.
func readSession(fields []any) (Session, error) {
	r := &fieldReader{left: fields}
	s := Session{
		MemberID: member.ID(r.number()), LoginID: member.LoginID(r.text()),
		PasswordVersion: r.number(), Device: member.Device(r.text()),
		OpenedAt: r.time(), SeenAt: r.time(),
	}
	if r.broken {
		return Session{}, ErrMissing
	}
	return s, nil
}

// readListed reads one row of listScript's reply: a session's key and its fields.
func readListed(row any) (string, Session, error) {
	r := &fieldReader{}
	r.left, _ = row.([]any)
	key := strings.TrimPrefix(r.text(), redisPrefix)
	if r.broken || len(r.left) == 0 {
		return "", Session{}, ErrMissing
	}
	fields, _ := r.left[0].([]any)
	s, err := readSession(fields)
	return key, s, err
}
