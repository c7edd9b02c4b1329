package function

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Topic carries messages of one kind from the functions that publish them to the
// functions that consume them. Stacks build it as an SNS topic with a queue for each
// consumer. NewTopic makes one, beside its publisher.
type Topic struct {
	// Name is unique in the backend, such as "goal-reached". It is a part of the
	// physical name and must never change once deployed.
	Name string
	// Purpose says in one sentence what a message says.
	Purpose string
}

// TopicOf is a topic whose messages are values of type M, encoded as JSON. The releases
// before and after a deployment read each other's messages: only add fields to M.
type TopicOf[M any] struct{ *Topic }

// NewTopic declares a topic.
func NewTopic[M any](name, purpose string) TopicOf[M] {
	return TopicOf[M]{&Topic{Name: name, Purpose: purpose}}
}

// Variable is the name of the environment variable through which a function that may
// publish learns the topic's ARN, such as TOPIC_GOAL_REACHED.
func (t *Topic) Variable() string {
	return "TOPIC_" + strings.ToUpper(strings.ReplaceAll(t.Name, "-", "_"))
}

// Topic returns the ARN of a topic that the function may publish to. Package messaging
// publishes.
func (r *Resources) Topic(topic *Topic) string {
	for _, declared := range r.function.Permissions.Publishes {
		if declared == topic {
			return r.variable(topic.Variable())
		}
	}
	return r.undeclared("topic " + topic.Name)
}

// Topics returns the topics that functions of the domains publish to or consume, each
// once, in the order of the declarations.
func Topics(domains ...Domain) []*Topic {
	var all []*Topic
	for _, domain := range domains {
		for _, f := range domain.Functions {
			all = union(all, f.Permissions.Publishes)
			for _, event := range f.Events {
				if event.Topic != nil {
					all = union(all, []*Topic{event.Topic})
				}
			}
		}
	}
	return all
}

// Consumes declares that the function takes the messages of a topic, each at least
// once and in no order: handle must bear a message that comes again. Of a message that is an
// array, it takes each element, and all of them again when one fails. A message for
// which handle returns an error comes again after the visibility timeout of its queue,
// and goes to the queue's dead letters after its last attempt.
func Consumes[S, M any](topic TopicOf[M], handle func(S, context.Context, M) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: "topic " + topic.Name, Topic: topic.Topic},
		bindMessages: func(service S) MessageHandler {
			return func(ctx context.Context, body json.RawMessage) error {
				var message M
				if err := json.Unmarshal(body, &message); err != nil {
					return fmt.Errorf("read a message of %s: %w", topic.Name, err)
				}
				return handle(service, ctx, message)
			}
		},
	}
}

// ConsumesAlone is Consumes for messages of which each may take most of the function's
// timeout. In a batch, those behind the first would find no time left, and come again after
// the visibility timeout only.
func ConsumesAlone[S, M any](topic TopicOf[M], handle func(S, context.Context, M) error) EventOf[S] {
	event := Consumes(topic, handle)
	event.Alone = true
	return event
}

// QueueName is the name of the queue through which the function takes the messages or
// the uploads of an event, such as "notifications-feed-goal-reached", or "" for another
// event. A declared queue keeps its own name. Stage and project come before it.
func (f *Function) QueueName(event Event) string {
	switch {
	case event.Queue != nil:
		return event.Queue.Name
	case event.Topic != nil:
		return f.Name + "-" + event.Topic.Name
	case event.Uploads != nil:
		return f.Name + "-" + event.Uploads.Name
	}
	return ""
}
