package fieldcrypt

import (
	"bytes"
	"sync"
	"time"
)

// cache stores unwrapped data keys, one for each owner. A key that is evicted stays
// usable for the requests that hold it. A key that is forgotten is destroyed for them
// too.
type cache struct {
	maxAge     time.Duration
	maxUses    int
	maxEntries int
	now        func() time.Time

	mu      sync.Mutex
	entries map[Owner]*cacheEntry
	clock   uint64 // counts uses, for the order of entries by last use
	forgets uint64 // counts forgotten keys
}

type cacheEntry struct {
	key      *DataKey
	since    time.Time
	uses     int
	lastUsed uint64
}

// get returns the owner's key if the cache has it, the key is within its limits, and
// wrapped is its stored form. Otherwise it returns nil.
func (c *cache) get(owner Owner, wrapped []byte) *DataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.entries[owner]
	if entry == nil || c.expired(entry) || !bytes.Equal(entry.key.Wrapped, wrapped) {
		return nil
	}
	entry.uses++
	c.touch(entry)
	return entry.key
}

// put caches a key that was requested when seen keys had been forgotten. It does not
// cache the key if any key was forgotten since, because it may be this one.
func (c *cache) put(owner Owner, key *DataKey, seen uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgets != seen {
		return
	}
	delete(c.entries, owner)
	c.evictOldest()
	entry := &cacheEntry{key: key, since: c.now()}
	c.touch(entry)
	c.entries[owner] = entry
}

// evictOldest removes every expired entry or, when there is none, the least recently
// used entry. It scans all entries, which takes microseconds, and runs next to a call
// of KMS only.
func (c *cache) evictOldest() {
	var oldest Owner
	var least uint64
	for owner, entry := range c.entries {
		if c.expired(entry) {
			delete(c.entries, owner)
		} else if least == 0 || entry.lastUsed < least {
			oldest, least = owner, entry.lastUsed
		}
	}
	if len(c.entries) >= c.maxEntries {
		delete(c.entries, oldest)
	}
}

// forget destroys the owner's key.
func (c *cache) forget(owner Owner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgets++
	if entry := c.entries[owner]; entry != nil {
		entry.key.secret.destroy()
		delete(c.entries, owner)
	}
}

func (c *cache) forgotten() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forgets
}

func (c *cache) touch(entry *cacheEntry) {
	c.clock++
	entry.lastUsed = c.clock
}

// expired reports whether the entry is over its limits. It also returns true when the
// clock was set back, because the age is then unknown.
func (c *cache) expired(entry *cacheEntry) bool {
	age := c.now().Sub(entry.since)
	return age < 0 || age >= c.maxAge || entry.uses >= c.maxUses
}
