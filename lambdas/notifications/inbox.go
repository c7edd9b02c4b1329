package notifications

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Inbox is the feed of notifications in the app.
var Inbox = function.Define(function.Spec[*inbox]{
	Name:    "notifications-inbox",
	Purpose: "Lists the caller's notifications, marks them read, deletes them, and sends one to the caller's own devices.",
	New: func(resources *function.Resources) (*inbox, error) {
		return &inbox{
			history: sealed.Open[tables.NotificationWithText](resources, tables.NotificationHistory),
			marks:   store.Open[tables.Notification](resources, tables.NotificationHistory),
			goals:   sealed.Open[goalTitle](resources, tables.Goals),
			eraser:  erasure.Open(resources, []*tables.Table{tables.NotificationHistory}),
			notices: messaging.Open(resources, Noticed),
			now:     time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*inbox]{
		function.SignedIn("GET /notifications/history", (*inbox).List),
		function.SignedIn("PUT /notifications/{notificationId}/read", (*inbox).MarkRead),
		function.SignedIn("DELETE /notifications", (*inbox).Clear),
		function.SignedIn("POST /notifications/send", (*inbox).Send, function.Idempotent(),
			function.Limits(function.Limit{Requests: 10, Per: time.Minute}, function.Limit{Requests: 50, Per: 24 * time.Hour})),
	},
	Permissions: sealed.Permissions(tables.NotificationHistory, tables.Query, tables.PutItem, tables.UpdateItem, tables.BatchWriteItem).
		And(sealed.Permissions(tables.Goals, tables.BatchGetItem)).
		And(function.Permissions{Publishes: []*function.Topic{Noticed.Topic}}),
})

type inbox struct {
	history *sealed.Table[tables.NotificationWithText]
	marks   *store.Table[tables.Notification]
	goals   *sealed.Table[goalTitle]
	eraser  *erasure.Eraser
	notices interface {
		Publish(ctx context.Context, id string, message Notice) error
	}
	now func() time.Time
}

// goalTitle is what a notification shows of a goal.
type goalTitle struct {
	UserID string                 `dynamodbav:"userId"`
	GoalID string                 `dynamodbav:"goalId"`
	Title  tables.EncryptedString `dynamodbav:"title"`
}

const (
	// defaultListed is how many notifications a list has when the request does not say,
	// and maxListed how many it has at most.
	defaultListed, maxListed = 50, 200
)

type listRequest struct {
	Limit int `query:"limit" validate:"min=0"`
}

// notificationResponse is a notification as the app reads it. The app spreads data over
// it, so that data has none of its names.
type notificationResponse struct {
	ID             string        `json:"id"`
	NotificationID string        `json:"notificationId"`
	Title          string        `json:"title"`
	Message        string        `json:"message"`
	Type           string        `json:"type"`
	CreatedAt      dates.Instant `json:"createdAt"`
	Read           bool          `json:"read"`
	Data           data          `json:"data"`
}

// data is what a notification is about.
type data map[string]any

type listResponse struct {
	Notifications function.List[notificationResponse] `json:"notifications"`
	Count         int                                 `json:"count"`
	Success       bool                                `json:"success"`
}

// List returns the caller's notifications, the newest first.
func (i *inbox) List(ctx context.Context, caller function.Caller, in listRequest) (listResponse, error) {
	limit := min(in.Limit, maxListed)
	if limit == 0 {
		limit = defaultListed
	}
	page, err := i.history.Query(ctx, store.Query{
		Partition: caller.UserID, Descending: true, Limit: limit,
		// DynamoDB deletes an item within days of its end.
		Filter: expression.Name("expiresAt").GreaterThan(expression.Value(i.now().Unix())),
	})
	if err != nil {
		return listResponse{}, err
	}
	titles, err := i.goalTitles(ctx, caller.UserID, page.Items)
	if err != nil {
		return listResponse{}, err
	}
	response := listResponse{Success: true, Count: len(page.Items)}
	for _, item := range page.Items {
		says, err := textOf(item, titles[item.GoalID])
		if err != nil {
			return listResponse{}, err
		}
		response.Notifications = append(response.Notifications, notificationResponse{
			ID: item.ID, NotificationID: item.ID, Title: says.Title, Message: says.Message, Type: item.Type,
			CreatedAt: dates.Milliseconds(item.CreatedAt), Read: item.Read, Data: dataOf(item.Notification, says),
		})
	}
	return response, nil
}

// goalTitles returns the titles of the goals that the notifications are about, by id.
func (i *inbox) goalTitles(ctx context.Context, userID string, items []tables.NotificationWithText) (map[string]string, error) {
	wanted, titles := map[string]bool{}, map[string]string{}
	var ids []any
	for _, item := range items {
		if item.GoalID != "" && !wanted[item.GoalID] {
			wanted[item.GoalID], ids = true, append(ids, item.GoalID)
		}
	}
	if len(ids) == 0 {
		return titles, nil
	}
	found, err := i.goals.GetAll(ctx, userID, ids...)
	for _, goal := range found {
		titles[goal.GoalID] = string(goal.Title)
	}
	return titles, err
}

// reserved are the names of a notification itself, and those that the app gives it.
var reserved = map[string]bool{
	"id": true, "notificationId": true, "title": true, "message": true, "timestamp": true, "createdAt": true,
	"type": true, "read": true, "isRead": true, "data": true,
}

// dataOf returns what a notification is about, without reserved names.
func dataOf(n tables.Notification, says text) data {
	about := data{}
	for name, value := range says.Data {
		if !reserved[name] {
			about[name] = value
		}
	}
	if !n.Amount.Equal(money.Amount{}) {
		about["amount"] = n.Amount
	}
	if n.Category != "" {
		about["category"] = categories.Code(n.Category).In(categories.TransactionList)
	}
	for name, id := range map[string]string{"goalId": n.GoalID, "budgetId": n.BudgetID, "transactionId": n.TransactionID} {
		if id != "" {
			about[name] = id
		}
	}
	return about
}

// MarshalJSON returns an object, empty for nothing.
func (d data) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]any(d))
}

// readRequest has the id in the path and in the body. The path counts.
type readRequest struct {
	NotificationID string `path:"notificationId" validate:"required,max=1000"`
	Repeated       string `json:"notificationId" validate:"required,max=1000,plaintext"`
}

// MarkRead marks a notification of the caller as read. Another id changes nothing and is
// no error: after a tap on a push notification the app sends the id that the phone's
// system gave it, which the backend does not know.
func (i *inbox) MarkRead(ctx context.Context, caller function.Caller, in readRequest) (function.SuccessResponse, error) {
	done := function.SuccessResponse{Success: true, Message: "The notification is marked as read."}
	change := expression.Set(expression.Name("read"), expression.Value(true))
	_, err := i.marks.Notes().Update(ctx, store.Key{caller.UserID, in.NotificationID}, change)
	return done, store.IgnoreNotFound(err)
}

type clearResponse struct {
	Success bool `json:"success"`
	Deleted int  `json:"deleted"`
}

// Clear deletes the caller's notifications.
func (i *inbox) Clear(ctx context.Context, caller function.Caller, _ function.NoInput) (clearResponse, error) {
	deleted, err := i.eraser.Erase(ctx, caller.UserID)
	return clearResponse{Success: err == nil, Deleted: deleted}, err
}
