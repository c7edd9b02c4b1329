package awsfake

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// Queue is an SQS queue with dead letters and its event source at Lambda. As a handler
// it takes SendMessageBatch and ChangeMessageVisibilityBatch in the protocol of the SDK.
type Queue struct {
	// ARN is the queue's ARN.
	ARN string
	// Visibility is the queue's visibility timeout.
	Visibility time.Duration
	// Attempts is how often a message is received before it is a dead letter.
	Attempts int
	// Hangs makes calls wait for their end, and Refuses makes SQS refuse them.
	Hangs, Refuses bool

	mu     sync.Mutex
	calls  []string
	waits  []int // that were set, in seconds
	waited []*queued
	dead   []string
}

type queued struct {
	message  events.SQSMessage
	received int
	visible  time.Time
}

// queueCall is what the two calls have in common.
type queueCall struct {
	Entries []struct {
		ID                string `json:"Id"`
		MessageBody       string
		MessageAttributes map[string]struct{ StringValue string }
		ReceiptHandle     string
		VisibilityTimeout int
	}
}

// ServeHTTP answers a call.
func (q *Queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call queueCall
	err := json.NewDecoder(r.Body).Decode(&call)
	if q.Hangs {
		_, _ = io.Copy(io.Discard, r.Body) // net/http sees that the client is gone once the body is read
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if err != nil || q.Refuses {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"com.amazonaws.sqs#AccessDeniedException"}`))
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls = append(q.calls, r.Header.Get("X-Amz-Target"))
	done := []map[string]string{}
	for _, entry := range call.Entries {
		if entry.MessageBody == "" {
			q.wait(entry.ReceiptHandle, entry.VisibilityTimeout)
		} else {
			attributes := map[string]events.SQSMessageAttribute{}
			for name, value := range entry.MessageAttributes {
				attributes[name] = events.SQSMessageAttribute{DataType: "String", StringValue: &value.StringValue}
			}
			q.waited = append(q.waited, &queued{message: events.SQSMessage{
				MessageId: rand.Text(), Body: entry.MessageBody, MessageAttributes: attributes, EventSource: "aws:sqs", EventSourceARN: q.ARN,
			}})
		}
		done = append(done, map[string]string{"Id": entry.ID})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Successful": done, "Failed": []string{}})
}

func (q *Queue) wait(receipt string, seconds int) {
	q.waits = append(q.waits, seconds)
	for _, held := range q.waited {
		if held.message.ReceiptHandle == receipt {
			held.visible = time.Now().Add(time.Duration(seconds) * time.Second)
		}
	}
}

// Deliver gives up to ten visible messages to invoke, as Lambda does, and deletes those
// that it does not return as failed. It returns false when no message is visible.
func (q *Queue) Deliver(invoke func(events.SQSEvent) events.SQSEventResponse) bool {
	batch := q.receive()
	if len(batch.Records) == 0 {
		return false
	}
	response := invoke(batch)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, record := range batch.Records {
		isSame := func(f events.SQSBatchItemFailure) bool { return f.ItemIdentifier == record.MessageId }
		if !slices.ContainsFunc(response.BatchItemFailures, isSame) {
			q.waited = slices.DeleteFunc(q.waited, func(held *queued) bool { return held.message.MessageId == record.MessageId })
		}
	}
	return true
}

func (q *Queue) receive() (batch events.SQSEvent) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, held := range slices.Clone(q.waited) {
		switch {
		case time.Now().Before(held.visible) || len(batch.Records) == 10:
		case held.received == q.Attempts:
			q.dead = append(q.dead, held.message.Body)
			q.waited = slices.DeleteFunc(q.waited, func(other *queued) bool { return other == held })
		default:
			held.received++
			held.visible = time.Now().Add(q.Visibility)
			held.message.ReceiptHandle = rand.Text()
			held.message.Attributes = map[string]string{"ApproximateReceiveCount": strconv.Itoa(held.received)}
			batch.Records = append(batch.Records, held.message)
		}
	}
	return batch
}

// Waiting returns the bodies of the messages in the queue, the oldest first.
func (q *Queue) Waiting() (bodies []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, held := range q.waited {
		bodies = append(bodies, held.message.Body)
	}
	return bodies
}

// Dead returns the bodies of the dead letters.
func (q *Queue) Dead() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.dead)
}

// Calls returns the calls' targets, such as "AmazonSQS.SendMessageBatch".
func (q *Queue) Calls() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.calls)
}

// Waits returns the waits that were set, in seconds.
func (q *Queue) Waits() []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.waits)
}
