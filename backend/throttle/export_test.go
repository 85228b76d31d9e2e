package throttle

// What the tests have to fill.
const (
	MaxNames      = maxNames
	SharedBuckets = sharedBuckets
)
