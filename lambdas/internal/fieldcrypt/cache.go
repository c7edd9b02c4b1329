package fieldcrypt

import (
	"bytes"
	"sync"
	"time"
)

// cache keeps unwrapped data keys, one for each owner. What it drops is left to
// the requests that still use it; what is forgotten is destroyed under them.
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

// get returns the owner's key if it is cached, within its limits, and the one
// that is stored as wrapped; otherwise nil.
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

// put caches a key that was asked for after seen keys had been forgotten. If
// one has been forgotten since, it may be this one, and it is not cached.
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

// evictOldest drops every expired entry and, if that is not enough, the one that
// was used longest ago. It looks at all entries, which takes microseconds and
// happens only beside a call of KMS.
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

// expired also holds when the clock was put back, since the age is unknown then.
func (c *cache) expired(entry *cacheEntry) bool {
	age := c.now().Sub(entry.since)
	return age < 0 || age >= c.maxAge || entry.uses >= c.maxUses
}
