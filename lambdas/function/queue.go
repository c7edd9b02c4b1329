package function

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Queue carries messages of one kind from the functions that send them to the one
// function that receives them. Stacks build it as an encrypted SQS queue with a
// dead-letter queue. NewQueue makes one. Use a Topic where several functions consume.
type Queue struct {
	// Name is unique in the backend, such as "error-reports". It is a part of the
	// physical name and must never change once deployed.
	Name string
	// Purpose says in one sentence what a message says.
	Purpose string
	// Attempts is how often a message is received before it goes to the dead letters.
	Attempts int
	// FirstWait is how long a message waits after its first failure. Each further
	// failure doubles the wait, up to MaxWait. Whole seconds.
	FirstWait, MaxWait time.Duration
}

// QueueOf is a queue whose messages are values of type M, encoded as JSON. The releases
// before and after a deployment read each other's messages: only add fields to M.
type QueueOf[M any] struct{ *Queue }

// NewQueue declares a queue.
func NewQueue[M any](declared Queue) QueueOf[M] { return QueueOf[M]{&declared} }

// Variable is the name of the environment variable through which a function that sends
// to the queue or receives from it learns the queue's URL, such as QUEUE_ERROR_REPORTS.
func (q *Queue) Variable() string {
	return "QUEUE_" + strings.ToUpper(strings.ReplaceAll(q.Name, "-", "_"))
}

// Wait returns how long a message waits after it failed for the given number of times.
func (q *Queue) Wait(failures int) time.Duration {
	wait := q.FirstWait
	for range failures - 1 {
		if wait >= q.MaxWait {
			break
		}
		wait *= 2
	}
	return min(wait, q.MaxWait)
}

// Covers returns for how long a message's receiver may fail before the message goes to
// the dead letters: all waits together.
func (q *Queue) Covers() (all time.Duration) {
	for failures := 1; failures < q.Attempts; failures++ {
		all += q.Wait(failures)
	}
	return all
}

func (q *Queue) validate() error {
	switch {
	case !namePattern().MatchString(q.Name):
		return fmt.Errorf("the queue %q must be lower-case words joined by hyphens", q.Name)
	case q.Attempts < 1:
		return fmt.Errorf("the queue %s has %d attempts: give at least 1", q.Name, q.Attempts)
	case q.FirstWait < time.Second || q.MaxWait < q.FirstWait || q.FirstWait%time.Second != 0 || q.MaxWait%time.Second != 0:
		return fmt.Errorf("the queue %s waits from %s to %s: use whole seconds, the first not longer", q.Name, q.FirstWait, q.MaxWait)
	}
	return nil
}

// Queue returns the URL of a queue that the function may send to or that it receives
// from. Package messaging sends.
func (r *Resources) Queue(queue *Queue) string {
	for _, declared := range r.function.Queues() {
		if declared == queue {
			return r.variable(queue.Variable())
		}
	}
	return r.undeclared("queue " + queue.Name)
}

// Queues returns the queues that the function may send to or receives from.
func (f *Function) Queues() []*Queue {
	all := f.Permissions.Sends
	for _, event := range f.Events {
		if event.Queue != nil {
			all = union(all, []*Queue{event.Queue})
		}
	}
	return all
}

// Queues returns the queues that functions of the domains send to or receive from, each
// once, in the order of the declarations.
func Queues(domains ...Domain) (all []*Queue) {
	for _, domain := range domains {
		for _, f := range domain.Functions {
			all = union(all, f.Queues())
		}
	}
	return all
}

// Receives declares that the function takes the messages of a queue, each at least once
// and in no order: handle must bear a message that comes again. A message for which
// handle returns an error comes again after the queue's wait, and goes to the dead
// letters after the queue's last attempt.
func Receives[S, M any](queue QueueOf[M], handle func(S, context.Context, M) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: "queue " + queue.Name, Queue: queue.Queue},
		bindMessages: func(service S) MessageHandler {
			return func(ctx context.Context, body json.RawMessage) error {
				var message M
				if err := json.Unmarshal(body, &message); err != nil {
					return fmt.Errorf("read a message of %s: %w", queue.Name, err)
				}
				return handle(service, ctx, message)
			}
		},
	}
}
