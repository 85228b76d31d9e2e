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
	// redisMemberPrefix is of the sets that hold the keys of one member's sessions.
	redisMemberPrefix = "aikagi:member-sessions:"
	// redisPingKey is written to learn whether Redis takes writes; it is never read.
	redisPingKey   = "aikagi:ping"
	redisPingLasts = 10 * time.Second
	// redisPatience bounds every call, retry and waiting for a connection included: a page without its session
	// is better answered late and honestly than not at all.
	redisPatience = 2 * time.Second
	// redisTimeout bounds one dial, one write, one read.
	redisTimeout = time.Second
	// dialRest is how long go-redis waits after a dial that failed, the last one too.
	dialRest = time.Millisecond
)

// The fields of a session's hash. Times are Unix microseconds, which a Lua number holds exactly.
const (
	fieldMemberID = "member_id"
	fieldLoginID  = "login_id"
	fieldVersion  = "password_version"
	fieldDevice   = "device"
	fieldOpenedAt = "opened_at"
	fieldSeenAt   = "seen_at"
)

// Redis keeps the sessions of any number of servers.
type Redis struct {
	storage  *storage.Storage
	patience time.Duration
}

// silence is for go-redis, which writes lines of its own to standard error: not in the log's form, and saying
// nothing that the errors do not say too.
var silence = sync.OnceFunc(logging.Disable)

// OpenRedis makes a storage that connects when first used. While Redis is away every call returns ErrUnavailable; the
// storage recovers by itself. storage.New would ping at once and panic, and has neither our timeouts nor our dials.
func OpenRedis(settings RedisSettings) *Redis {
	options := settings.options()
	silence()
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	options.PoolTimeout = redisTimeout
	options.MaxRetries = 1
	options.ContextTimeoutEnabled = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Redis{storage.NewFromConnection(connect(options)), redisPatience}
}

// connect makes the client by hand, for the universal options do not reach the number of dials: five, with a
// rest between, for every call while Redis is away.
func connect(options *redis.UniversalOptions) redis.UniversalClient {
	if options.MasterName != "" {
		failover := options.Failover()
		failover.DialerRetries, failover.DialerRetryTimeout = 1, dialRest
		return redis.NewFailoverClient(failover)
	}
	simple := options.Simple()
	simple.DialerRetries, simple.DialerRetryTimeout = 1, dialRest
	return redis.NewClient(simple)
}

// Storage is the storage of the sessions, for the limits to share.
func (r *Redis) Storage() *storage.Storage { return r.storage }

// Close hangs up. Sessions stay in Redis.
func (r *Redis) Close() error {
	if err := r.storage.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

func (r *Redis) open(ctx context.Context, key string, s Session, life lifetime) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	return unavailable(openScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key, memberKey(s.MemberID)},
		s.OpenedAt.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), mostOfMember,
		fieldMemberID, int64(s.MemberID), fieldLoginID, string(s.LoginID),
		fieldVersion, s.PasswordVersion, fieldDevice, string(s.Device),
		fieldOpenedAt, s.OpenedAt.UnixMicro(), fieldSeenAt, s.SeenAt.UnixMicro(),
	).Err())
}

func memberKey(id member.ID) string { return redisMemberPrefix + strconv.FormatInt(int64(id), 10) }

func (r *Redis) touch(ctx context.Context, key string, now time.Time, life lifetime) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	fields, err := touchScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), redisMemberPrefix,
	).Slice()
	if err != nil {
		return Session{}, unavailable(err)
	}
	return readSession(fields)
}

func (r *Redis) moveTo(ctx context.Context, key string, version int64, now time.Time, life lifetime) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	return unavailable(moveScript.Run(
		ctx, r.storage.Conn(), []string{redisPrefix + key},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(), version,
	).Err())
}

func (r *Redis) close(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	return unavailable(r.storage.DeleteWithContext(ctx, redisPrefix+key))
}

func (r *Redis) list(ctx context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	rows, err := listScript.Run(
		ctx, r.storage.Conn(), []string{memberKey(id)},
		now.UnixMicro(), life.idle.Microseconds(), life.absolute.Microseconds(),
	).Slice()
	if err != nil {
		return nil, unavailable(err)
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
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	return unavailable(closeOthersScript.Run(ctx, r.storage.Conn(), []string{memberKey(id), redisPrefix + key}).Err())
}

func (r *Redis) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	err := r.storage.Conn().Set(ctx, redisPingKey, "", redisPingLasts).Err()
	if errors.Is(err, redis.Nil) { // which a SET never answers
		return fmt.Errorf("%w: the Sentinels know no master of this name", ErrUnavailable)
	}
	return unavailable(err)
}

// unavailable says what an error of the client means: nothing was found, or Redis does not serve.
func unavailable(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return ErrMissing
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// fieldReader takes the values that touchScript returns, one after the other.
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

// readSession takes a hash that it cannot read for no session: its member signs in again.
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

// readListed takes a row of listScript: a session's key and its fields.
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
