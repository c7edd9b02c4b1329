package guard

import "sync"

// recentSize is how many items an environment remembers. An environment serves
// one request at a time and lives for hours; what it forgets costs one refused
// write.
const recentSize = 512

// recent remembers how the buckets of the latest items stood. It is a guess
// only: other environments write the same items.
type recent struct {
	mu    sync.Mutex
	items map[string]map[string]int64
}

func newRecent() *recent { return &recent{items: map[string]map[string]int64{}} }

func (r *recent) get(id string) map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.items[id]
}

// put adds what a write returned to what is known of the item. When the memory
// is full, all of it is forgotten.
func (r *recent) put(id string, stands map[string]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.items) >= recentSize {
		clear(r.items)
	}
	merged := make(map[string]int64, len(r.items[id])+len(stands))
	for name, stand := range r.items[id] {
		merged[name] = stand
	}
	for name, stand := range stands {
		merged[name] = stand
	}
	r.items[id] = merged
}
