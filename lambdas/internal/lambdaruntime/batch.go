package lambdaruntime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// item is one message of a queue or one change of a table.
type item struct {
	// id names the item to Lambda: a message id or a sequence number.
	id       string
	delivery function.Delivery
	body     json.RawMessage
	// receipt is the handle of a message's receipt. Changes have none.
	receipt string
}

// batchResponse tells Lambda which items failed; the others are done.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
type batchResponse struct {
	BatchItemFailures []itemFailure `json:"batchItemFailures"`
}

type itemFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// errOutOfTime is the failure of an item that the invocation had no time for.
var errOutOfTime = errors.New("the invocation has no time left for the item")

// deliver hands each item of a batch to the event's handler and returns which failed.
// Messages fail one by one. A change of a table that fails ends the batch, since the
// changes behind it may be of the same item: Lambda sends all of them again.
func (h *Handler) deliver(ctx context.Context, event function.Event, payload []byte) (any, error) {
	ctx, end := h.begin(ctx, telemetry.Request{Route: event.Key})
	items, err := itemsOf(event, payload)
	if err != nil {
		failure := apierror.Internal.Because(err)
		h.logFailure(ctx, telemetry.Request{Route: event.Key}, failure)
		end(failure.Status, failure)
		return nil, errEventFailed
	}
	work, cancel := h.withMargin(ctx)
	defer cancel()
	response := batchResponse{BatchItemFailures: []itemFailure{}}
	var failures []error
	var failed []item
	handle := h.once(event)
	for _, item := range items {
		if err := handle(work, item); err != nil {
			failures = append(failures, err)
			if last := len(failed) - 1; last < 0 || failed[last].id != item.id { // not another element of the same message
				failed = append(failed, item)
				response.BatchItemFailures = append(response.BatchItemFailures, itemFailure{item.id})
			}
			if event.Changes != nil {
				break
			}
		}
	}
	h.waits[event.Key].set(ctx, failed)
	status := http.StatusOK
	if len(failures) > 0 {
		status = http.StatusInternalServerError
	}
	end(status, errors.Join(failures...))
	return response, nil
}

// once returns deliverItem for the event. Items of one group are delivered once in a
// batch: the result for the first is the result for all. An item whose body is no
// message is delivered, which says so.
func (h *Handler) once(event function.Event) func(context.Context, item) error {
	if event.Groups == nil {
		return func(ctx context.Context, item item) error { return h.deliverItem(ctx, event.Key, item) }
	}
	results := map[string]error{"": nil}
	return func(ctx context.Context, item item) error {
		group, err := event.Groups.Of(item.body)
		if err != nil {
			return h.deliverItem(ctx, event.Key, item)
		}
		result, known := results[group]
		if !known {
			result = h.deliverItem(ctx, event.Key, item)
			results[group] = result
		}
		return result
	}
}

// deliverItem hands one item to the handler of the event. A failure is logged and
// reported.
func (h *Handler) deliverItem(ctx context.Context, key string, item item) error {
	about := telemetry.Request{ID: item.delivery.RequestID, Route: key}
	logger := h.telemetry.Logger.With("messageId", item.delivery.ID, "attempt", item.delivery.Attempt, "publisherTraceId", item.delivery.TraceID)
	ctx, _ = telemetry.WithRequest(function.WithDelivery(ctx, item.delivery), logger, about)
	err := h.handleItem(ctx, key, item)
	if err == nil {
		telemetry.FromContext(ctx).InfoContext(ctx, "message handled")
		return nil
	}
	failure := apierror.Internal.Because(err)
	h.logFailure(ctx, about, failure)
	return failure
}

func (h *Handler) handleItem(ctx context.Context, key string, item item) (err error) {
	defer recoverPanic(&err)
	if ctx.Err() != nil {
		return errOutOfTime
	}
	return h.messages[key](ctx, item.body)
}

// itemsOf returns the items of a batch of the event.
func itemsOf(event function.Event, payload []byte) ([]item, error) {
	switch {
	case event.Together:
		return changesTogether(payload)
	case event.Changes != nil:
		return changesOf(payload)
	}
	return messagesOf(payload)
}

func messagesOf(payload []byte) ([]item, error) {
	var batch events.SQSEvent
	if err := json.Unmarshal(payload, &batch); err != nil {
		return nil, fmt.Errorf("read a batch of messages: %w", err)
	}
	var items []item
	for _, record := range batch.Records {
		attempt, _ := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
		message := item{id: record.MessageId, receipt: record.ReceiptHandle, delivery: function.Delivery{
			ID:        attribute(record, function.MessageIDAttribute, record.MessageId),
			RequestID: attribute(record, function.RequestIDAttribute, ""),
			TraceID:   attribute(record, function.TraceIDAttribute, ""),
			Attempt:   attempt,
		}}
		for _, message.body = range elementsOf(record.Body) {
			items = append(items, message)
		}
	}
	return items, nil
}

// elementsOf returns the elements of a message that is an array, or the message.
func elementsOf(body string) (elements []json.RawMessage) {
	if !strings.HasPrefix(body, "[") || json.Unmarshal([]byte(body), &elements) != nil {
		return []json.RawMessage{json.RawMessage(body)}
	}
	return elements
}

// attribute returns a text attribute of a message, or what stands in for it.
func attribute(record events.SQSMessage, name, standIn string) string {
	if value := record.MessageAttributes[name].StringValue; value != nil {
		return *value
	}
	return standIn
}

// changesTogether returns the changes of a batch as one item. It has the id of the first
// change: when it fails, all of them come again.
func changesTogether(payload []byte) ([]item, error) {
	items, err := changesOf(payload)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	records := make([]json.RawMessage, len(items))
	for i, item := range items {
		records[i] = item.body
	}
	together := items[0]
	together.body, err = json.Marshal(records)
	return []item{together}, err
}

func changesOf(payload []byte) ([]item, error) {
	var batch struct {
		Records []json.RawMessage `json:"Records"`
	}
	if err := json.Unmarshal(payload, &batch); err != nil {
		return nil, fmt.Errorf("read a batch of changes: %w", err)
	}
	items := make([]item, len(batch.Records))
	for i, record := range batch.Records {
		var head struct {
			Change struct {
				SequenceNumber string `json:"SequenceNumber"`
			} `json:"dynamodb"`
		}
		if err := json.Unmarshal(record, &head); err != nil {
			return nil, fmt.Errorf("read a change: %w", err)
		}
		id := head.Change.SequenceNumber
		items[i] = item{id: id, body: record, delivery: function.Delivery{ID: id}}
	}
	return items, nil
}
