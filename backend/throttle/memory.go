package throttle

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"sync"
	"time"
)

// The bounds of one limit's table. Together they take at most 20 MiB, of which 2 MiB are the shared buckets.
const (
	// maxNames is the number of names that have a bucket of their own. The bucket of a login ID that is tried once is
	// empty after 5 minutes, so a flood of more than 1,700 login IDs a second fills the table.
	maxNames = 1 << 19
	// sharedBuckets is the number of buckets for all other names while the table is full. They drain as fast as 870 login
	// IDs a second fill them; 5,000 a second would fill them in half an hour.
	sharedBuckets = 1 << 18
	// sweepEvery is the interval at which empty buckets are removed.
	sweepEvery = 10 * time.Second
)

// memory counts the tries at one server in bounded space. Each limit has a table of its own, so that a flood of names in
// one limit does not affect the others.
type memory struct {
	// key is random, so that an attacker cannot choose names that share a bucket.
	key                     [sha256.Size]byte
	maxNames, sharedBuckets int // smaller in tests

	mu     sync.Mutex
	tables map[string]*table
}

// table holds the buckets of one limit: for each name the time at which its bucket is empty again, in Unix nanoseconds.
// An empty bucket can be removed.
//
// The table never evicts a bucket that is not empty (CVE-2024-21662). While the table is full, a new name is counted in
// one of the shared buckets, which its keyed hash selects. All names in a shared bucket together get the tries of one
// name, so that no name ever gets more than the limit, and a flood must fill the shared buckets one by one before it locks
// other names out. Names with a bucket of their own are not affected. A name stays in its shared bucket until that bucket
// is empty, so that its count survives when the table has space again.
type table struct {
	due     map[uint64]int64
	largest int     // the largest size of due since it was allocated
	shared  []int64 // like the values of due; nil while all are empty
	sweptAt time.Time
}

func newMemory(maxNames, sharedBuckets int) *memory {
	m := &memory{maxNames: maxNames, sharedBuckets: sharedBuckets, tables: make(map[string]*table)}
	_, _ = rand.Read(m.key[:]) // never fails
	return m
}

func (m *memory) take(limit Limit, key string, now time.Time) time.Duration {
	name, bucket := m.hash(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tables[limit.Name]
	if t == nil {
		t = &table{due: make(map[uint64]int64), sweptAt: now}
		m.tables[limit.Name] = t
	}
	t.sweep(now)
	if !t.isCounted(name) && (len(t.due) >= m.maxNames || t.isShared(bucket, now)) {
		return t.takeShared(limit, bucket, now, m.sharedBuckets)
	}
	return t.take(limit, name, now)
}

// reset empties a name's own bucket. It does not touch a shared bucket, which counts other names too.
func (m *memory) reset(limit Limit, key string) {
	name, _ := m.hash(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.tables[limit.Name]; t != nil {
		delete(t.due, name)
	}
}

// hash returns the keys of a name's own bucket and of its shared bucket. In a full table two names have the same 64 bits
// with a probability of 1 in 100 million; they would share a bucket.
func (m *memory) hash(key string) (name uint64, bucket int) {
	mac := hmac.New(sha256.New, m.key[:])
	mac.Write([]byte(key))
	sum := mac.Sum(nil)
	return binary.BigEndian.Uint64(sum), int(binary.BigEndian.Uint64(sum[8:]) % uint64(m.sharedBuckets)) //nolint:gosec // both are small and positive
}

func (t *table) isCounted(name uint64) bool {
	_, isCounted := t.due[name]
	return isCounted
}

func (t *table) take(limit Limit, name uint64, now time.Time) time.Duration {
	newDue, wait := limit.next(time.Unix(0, t.due[name]), now)
	t.due[name] = newDue.UnixNano()
	t.largest = max(t.largest, len(t.due))
	return wait
}

// isShared reports whether the shared bucket still holds tries that came while the table was full.
func (t *table) isShared(bucket int, now time.Time) bool {
	return t.shared != nil && t.shared[bucket] > now.UnixNano()
}

func (t *table) takeShared(limit Limit, bucket int, now time.Time, buckets int) time.Duration {
	if t.shared == nil {
		t.shared = make([]int64, buckets)
	}
	newDue, wait := limit.next(time.Unix(0, t.shared[bucket]), now)
	t.shared[bucket] = newDue.UnixNano()
	return wait
}

// sweep removes empty buckets, once in sweepEvery.
func (t *table) sweep(now time.Time) {
	if now.Sub(t.sweptAt).Abs() < sweepEvery {
		return
	}
	t.sweptAt = now
	maps.DeleteFunc(t.due, func(_ uint64, due int64) bool { return due <= now.UnixNano() })
	if len(t.due) < t.largest/4 { // a map keeps the memory of its largest size
		due := make(map[uint64]int64, len(t.due))
		maps.Copy(due, t.due)
		t.due, t.largest = due, len(due)
	}
	for bucket := range t.shared {
		if t.isShared(bucket, now) {
			return
		}
	}
	t.shared = nil
}
