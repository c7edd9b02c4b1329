package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
)

// Upload is an object that was written to a bucket.
type Upload struct {
	// Key is the object's key, "users/<user id>/<id>".
	Key string `json:"key"`
	// Size is the object's size in bytes.
	Size int64 `json:"size"`
	// At is when it was written, to the second. Zero means unknown.
	At time.Time `json:"-"`
}

// Uploads declares that the function takes each object that is written to a bucket, at
// least once and in no order: handle must bear an object that comes again, or that is
// gone meanwhile. S3 tells EventBridge, which puts the event on a queue of the function.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func Uploads[S any](bucket *buckets.Bucket, handle func(S, context.Context, Upload) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: "uploads to " + bucket.Name, Uploads: bucket},
		bindMessages: func(service S) MessageHandler {
			return func(ctx context.Context, body json.RawMessage) error {
				var event struct {
					Time   time.Time `json:"time"`
					Detail struct {
						Object Upload `json:"object"`
					} `json:"detail"`
				}
				if err := json.Unmarshal(body, &event); err != nil {
					return fmt.Errorf("read an event of bucket %s: %w", bucket.Name, err)
				}
				if event.Detail.Object.Key == "" {
					return fmt.Errorf("an event of bucket %s names no object", bucket.Name)
				}
				event.Detail.Object.At = event.Time
				return handle(service, ctx, event.Detail.Object)
			}
		},
	}
}
