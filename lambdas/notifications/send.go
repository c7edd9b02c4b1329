package notifications

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var errBadData = apierror.New(http.StatusUnprocessableEntity, "INVALID_DATA", "The data of a notification has short names and single values.")

// sendRequest is a notification for the caller. Priority and sound are the server's choice.
type sendRequest struct {
	Type     string         `json:"type" validate:"required,oneof=transaction budget account security insight"`
	Title    string         `json:"title" validate:"required,max=100,plaintext"`
	Message  string         `json:"message" validate:"required,max=500,plaintext"`
	Data     map[string]any `json:"data"`
	Priority string         `json:"priority" validate:"omitempty,oneof=low normal high"`
	Sound    string         `json:"sound" validate:"max=50,plaintext"`
}

// maxData is how many values the data of a notification has at most.
const maxData = 20

// Send sends a notification to the caller, to the feed and to the caller's own devices. It
// reaches no other user. A request that comes again after a failure publishes the notice of
// the notification that is in the feed.
func (i *inbox) Send(ctx context.Context, caller function.Caller, in sendRequest) (function.SuccessResponse, error) {
	about := map[string]any{}
	for name, value := range in.Data {
		if !reserved[name] {
			about[name] = value
		}
	}
	if !isPlainData(about) {
		return function.SuccessResponse{}, errBadData
	}
	says, err := json.Marshal(text{Title: in.Title, Message: in.Message, Data: about})
	if err != nil {
		return function.SuccessResponse{}, err
	}
	request, window, err := idempotency.Identity(ctx)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	notice := Notice{UserID: caller.UserID, Cause: "sent-" + request, Type: in.Type, Event: Sent}
	if notice.At, err = i.sentAt(ctx, caller.UserID, notice.Cause, window); err != nil {
		return function.SuccessResponse{}, err
	}
	notice.CausedAt = notice.At
	item := tables.NotificationWithText{Notification: notice.Item(), Text: tables.EncryptedString(says)}
	if err := store.IgnoreConditionFailed(i.history.Create(ctx, caller.UserID, item)); err != nil {
		return function.SuccessResponse{}, err
	}
	done := function.SuccessResponse{Success: true, Message: "The notification is sent."}
	return done, i.notices.Publish(ctx, notice.Cause, notice)
}

// sentAt returns when an earlier attempt of a request entered its notification, or now.
func (i *inbox) sentAt(ctx context.Context, userID, cause string, window time.Duration) (int64, error) {
	now := i.now()
	page, err := i.marks.Query(ctx, store.Query{
		Partition: userID, Sort: expression.Key("id").GreaterThan(expression.Value(store.TimeOrderedID(now.Add(-window), ""))),
		Filter:     expression.Name("event").Equal(expression.Value(Sent)),
		Attributes: []string{"createdAt"}, Limit: maxListed, Descending: true, Consistency: store.Consistent,
	})
	for _, sent := range page.Items {
		if sent.ID == store.TimeOrderedID(time.UnixMilli(sent.CreatedAt), cause) {
			return sent.CreatedAt, nil
		}
	}
	return now.UnixMilli(), err
}

// isPlainData reports whether the data has few values, and each of them is a number, a
// truth value, null or a short plain text.
func isPlainData(about map[string]any) bool {
	for name, value := range about {
		if !preferenceName().MatchString(name) {
			return false
		}
		switch v := value.(type) {
		case map[string]any, []any:
			return false
		case string:
			if len(v) > maxOtherText || !validation.IsPlainText(v) {
				return false
			}
		}
	}
	return len(about) <= maxData
}
