package lambdaruntime

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// waitsTimeout bounds the one call that sets the waits of a batch.
const waitsTimeout = 300 * time.Millisecond

// waits makes failed messages of a declared queue wait longer after each failure. Lambda
// leaves a failed message to the queue's visibility timeout, which is the same for each
// attempt.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
type waits struct {
	client *sqs.Client
	url    string
	queue  *function.Queue
}

// set sets the waits of messages that failed. If the call fails, they wait for the
// visibility timeout. A nil waits leaves them to it.
func (w *waits) set(ctx context.Context, failed []item) {
	if w == nil || len(failed) == 0 {
		return
	}
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(failed))
	for i, item := range failed {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id:                aws.String(strconv.Itoa(i)),
			ReceiptHandle:     aws.String(item.receipt),
			VisibilityTimeout: int32(w.queue.Wait(max(1, item.delivery.Attempt)).Seconds()),
		}
	}
	ctx, cancel := context.WithTimeout(ctx, waitsTimeout)
	defer cancel()
	out, err := w.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &w.url, Entries: entries})
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "setting waits of messages failed", "error", err.Error())
		return
	}
	for _, refused := range out.Failed {
		telemetry.FromContext(ctx).WarnContext(ctx, "setting the wait of a message failed", "code", aws.ToString(refused.Code))
	}
}

// waitsOf returns the waits of the declared queues that the function receives from, by
// the event's key.
func waitsOf(f *function.Function, resources *function.Resources) map[string]*waits {
	all := map[string]*waits{}
	for _, event := range f.Events {
		if event.Queue != nil {
			all[event.Key] = &waits{client: sqs.NewFromConfig(resources.AWS), url: resources.Queue(event.Queue), queue: event.Queue}
		}
	}
	return all
}
