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

// What one limit may take of the server's memory: 20 MiB, of which 2 are the shared buckets.
const (
	// maxNames is how many names are counted each by itself. Login IDs that are tried once each are forgotten after five
	// minutes, so a flood of them fills the table when more than 1,700 a second come.
	maxNames = 1 << 19
	// sharedBuckets count the names that come while the table is full. The buckets drain as fast as 870 login IDs a second
	// fill them; 5,000 a second would use them up in half an hour.
	sharedBuckets = 1 << 18
	// sweepEvery bounds how long entries that say nothing any more take up memory.
	sweepEvery = 10 * time.Second
)

// memory counts for one server, and bounds what it needs for that however many names come. Each limit has a table of its
// own, so that a flood of one limit's names leaves the others alone.
type memory struct {
	// key is random, so that nobody can choose names which share a bucket.
	key                     [sha256.Size]byte
	maxNames, sharedBuckets int // tests have fewer

	mu     sync.Mutex
	tables map[string]*table
}

// table holds one limit's counts: for each name the time at which its bucket is empty again, in Unix nanoseconds. An
// entry whose time has come says the same as none, so it can go.
//
// The table forgets no count to make room for another one (CVE-2024-21662). While it is full, new names are counted in
// buckets that they share, chosen by their keyed hash. A shared bucket keeps the limit's rule for all its names together:
// each name gets at most the limit's tries, so the limit never opens, and a flood must use up the buckets one by one to
// shut others out. Names that the table counts already are not affected. A name stays in its shared bucket until that is
// empty, so that its count is not forgotten when the table has room again.
type table struct {
	due     map[uint64]int64
	largest int     // the most entries that due has had since it was made
	shared  []int64 // by bucket; nil while all are empty
	sweptAt time.Time
}

func newMemory(maxNames, sharedBuckets int) *memory {
	m := &memory{maxNames: maxNames, sharedBuckets: sharedBuckets, tables: make(map[string]*table)}
	_, _ = rand.Read(m.key[:]) // it never fails
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

// forget begins a name's count anew. That of a shared bucket stays: it is also that of others.
func (m *memory) forget(limit Limit, key string) {
	name, _ := m.hash(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.tables[limit.Name]; t != nil {
		delete(t.due, name)
	}
}

// hash gives what a name is counted under. Two names in one table have the same 64 bits once in a hundred million full
// tables; they would share a count.
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

// isShared says whether the bucket still holds tries that were charged while the table was full.
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
