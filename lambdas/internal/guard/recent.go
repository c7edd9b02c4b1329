package guard

import "sync"

// maxRecentItems is how many items an environment remembers. An environment serves
// one request at a time and lives for hours. A forgotten item costs one refused
// write.
const maxRecentItems = 512

// recentItems remembers the bucket numbers of the latest items. They may be out of
// date, because other environments write the same items.
type recentItems struct {
	mu    sync.Mutex
	items map[string]map[string]int64
}

func newRecentItems() *recentItems { return &recentItems{items: map[string]map[string]int64{}} }

func (r *recentItems) get(id string) map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.items[id]
}

// put merges the result of a write into the item's remembered numbers. When the
// memory is full, it is cleared first.
func (r *recentItems) put(id string, spent map[string]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.items) >= maxRecentItems {
		clear(r.items)
	}
	merged := make(map[string]int64, len(r.items[id])+len(spent))
	for name, spentUntil := range r.items[id] {
		merged[name] = spentUntil
	}
	for name, spentUntil := range spent {
		merged[name] = spentUntil
	}
	r.items[id] = merged
}
