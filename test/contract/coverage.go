package contract

import (
	"fmt"
	"maps"
	"slices"
)

func (c *Contract) recordResponse(key string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.responses[key] == nil {
		c.responses[key] = map[int]bool{}
	}
	c.responses[key][status] = true
}

// HasResponse reports whether a response of the operation with this status was checked.
func (c *Contract) HasResponse(key string, status int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.responses[key][status]
}

// Exceptions give the reasons why no request can make an operation return a status. A
// key is a status and an operation, such as "404 GET /goals/{id}".
type Exceptions map[string]string

// UncheckedResponses returns the responses of implemented operations that were never
// checked: a success of each, and each failure that the contract names without an
// exception. It also returns unused exceptions. The result is sorted text.
func (c *Contract) UncheckedResponses(exceptions Exceptions) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var missing []string
	unused := maps.Clone(exceptions)
	for _, o := range c.operations {
		if !o.Implemented() {
			continue
		}
		succeededOnce := false
		for status := range c.responses[o.Key] {
			succeededOnce = succeededOnce || isSuccess(status)
		}
		if !succeededOnce {
			missing = append(missing, o.Key+" never succeeded")
		}
		for _, status := range o.Statuses {
			if isSuccess(status) || c.responses[o.Key][status] {
				continue
			}
			if exception := fmt.Sprintf("%d %s", status, o.Key); exceptions[exception] != "" {
				delete(unused, exception)
				continue
			}
			missing = append(missing, fmt.Sprintf("%s never returned %d", o.Key, status))
		}
	}
	for exception := range unused {
		missing = append(missing, fmt.Sprintf("the exception %q is unused", exception))
	}
	slices.Sort(missing)
	return missing
}
