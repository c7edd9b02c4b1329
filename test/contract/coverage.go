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

// HasResponse tells whether an answer of the operation with this status was checked.
func (c *Contract) HasResponse(key string, status int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.responses[key][status]
}

// Exceptions say why an operation cannot be made to answer a status, by status and
// key as in "404 GET /goals/{id}".
type Exceptions map[string]string

// UncheckedResponses returns what of the operations that must be answered was never
// checked: a success of each, and each failure that the contract names for it and
// nothing excuses. It also returns the excuses that excuse nothing. All are in
// words, in order.
func (c *Contract) UncheckedResponses(excused Exceptions) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var missing []string
	idle := maps.Clone(excused)
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
			if excuse := fmt.Sprintf("%d %s", status, o.Key); excused[excuse] != "" {
				delete(idle, excuse)
				continue
			}
			missing = append(missing, fmt.Sprintf("%s never answered %d", o.Key, status))
		}
	}
	for excuse := range idle {
		missing = append(missing, fmt.Sprintf("the excuse %q excuses nothing", excuse))
	}
	slices.Sort(missing)
	return missing
}
