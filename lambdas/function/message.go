package function

import (
	"context"
	"encoding/json"
)

// MessageHandler takes one message of a queue, or one change of a table, as JSON.
type MessageHandler func(ctx context.Context, body json.RawMessage) error

// Delivery is what a handler may know of a message beside its content.
type Delivery struct {
	// ID is the publisher's id of the message, or the sequence number of a change. It
	// is the same each time that the message comes.
	ID string
	// RequestID is the id of the API request that caused the message, or "" when none
	// did or it is not known.
	RequestID string
	// TraceID is the X-Ray id of the trace in which the message was published, or "".
	TraceID string
	// Attempt is how often the message has come, from 1. Changes of a table have 0.
	Attempt int
}

// The message attributes in which a topic's messages carry what Delivery has.
const (
	MessageIDAttribute = "messageId"
	RequestIDAttribute = "requestId"
	TraceIDAttribute   = "traceId"
)

type deliveryKey struct{}

// WithDelivery returns a context of the delivery. RequestOf it has the id of the
// request that caused the message.
func WithDelivery(ctx context.Context, delivery Delivery) context.Context {
	return context.WithValue(WithRequest(ctx, Request{ID: delivery.RequestID}), deliveryKey{}, delivery)
}

// DeliveryOf returns the delivery that the context is of, or the zero value when it is
// of none.
func DeliveryOf(ctx context.Context) Delivery {
	delivery, _ := ctx.Value(deliveryKey{}).(Delivery)
	return delivery
}
