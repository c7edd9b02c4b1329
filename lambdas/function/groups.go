package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Groups has messages gathered for a while, of which those of one group in a batch are
// handled once.
type Groups struct {
	// BatchSize is the maximum number of messages in a batch.
	BatchSize int
	// Window is how long Lambda gathers a batch, in whole seconds.
	Window time.Duration

	of func(body json.RawMessage) (string, error)
}

// Of returns the group of a message, or "" for a message of which there is nothing to
// handle. It returns an error for a body that is no message.
func (g *Groups) Of(body json.RawMessage) (string, error) { return g.of(body) }

// What batches of groups are. Each message may be an array of a hundred.
const (
	groupsBatchSize = 10
	groupsWindow    = 2 * time.Second
)

// ConsumesGroups is Consumes for messages that only say where to look. Of the messages
// of a batch in the same group, handle takes the first, and its result counts for all.
// Messages in the group "" are done without handle.
func ConsumesGroups[S, M any](topic TopicOf[M], group func(M) string, handle func(S, context.Context, M) error) EventOf[S] {
	event := Consumes(topic, handle)
	event.Groups = &Groups{BatchSize: groupsBatchSize, Window: groupsWindow, of: func(body json.RawMessage) (string, error) {
		var message M
		if err := json.Unmarshal(body, &message); err != nil {
			return "", fmt.Errorf("read a message of %s: %w", topic.Name, err)
		}
		return group(message), nil
	}}
	return event
}
