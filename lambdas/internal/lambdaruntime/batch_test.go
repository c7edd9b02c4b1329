package lambdaruntime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

type greeting struct{ Name string }

var (
	greeted  = function.NewTopic[greeting]("greeted", "A guest was greeted.")
	arrived  = function.NewTopic[greeting]("arrived", "A guest arrived, perhaps in company.")
	farewell = function.NewTopic[greeting]("farewell-greeted", "The name of this topic ends like the other's.")
)

// guestBook is a service with messages of two topics and changes of a table.
type guestBook struct {
	names      []string
	deliveries []function.Delivery
	changes    []string
}

func (g *guestBook) Add(ctx context.Context, in greeting) error {
	g.deliveries = append(g.deliveries, function.DeliveryOf(ctx))
	switch in.Name {
	case "":
		return errors.New("no name")
	case "panic":
		panic("secret detail")
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	}
	g.names = append(g.names, in.Name)
	return nil
}

// party is the first word of a guest's name.
func party(in greeting) string { return strings.SplitN(in.Name, " ", 2)[0] }

func (g *guestBook) Leave(_ context.Context, in greeting) error {
	g.names = append(g.names, "left "+in.Name)
	return nil
}

type guest struct {
	UserID string           `dynamodbav:"userId"`
	Visits int              `dynamodbav:"visits"`
	Tags   []string         `dynamodbav:"tags"`
	Marks  map[string]int64 `dynamodbav:"marks"`
	Sealed []byte           `dynamodbav:"sealed"`
}

func (g *guestBook) Changed(_ context.Context, change function.Change[guest]) error {
	kind := "changed"
	switch {
	case change.Old == nil:
		kind = "new"
	case change.New == nil && change.Expired:
		kind = "expired"
	case change.New == nil:
		kind = "deleted"
	case change.New.Visits < 0:
		return errors.New("negative")
	}
	g.changes = append(g.changes, kind)
	return nil
}

func newGuestBook(t *testing.T) (*guestBook, *lambdaruntime.Handler, *bytes.Buffer) {
	t.Helper()
	return newGuestBookAt(t, nowhere)
}

func newGuestBookAt(t *testing.T, config aws.Config) (*guestBook, *lambdaruntime.Handler, *bytes.Buffer) {
	t.Helper()
	g, log := &guestBook{}, &bytes.Buffer{}
	declared := function.Define(function.Spec[*guestBook]{
		Name: "guest-book", Purpose: "Remembers guests.",
		New: func(*function.Resources) (*guestBook, error) { return g, nil },
		Events: []function.EventOf[*guestBook]{
			function.Consumes(greeted, (*guestBook).Add),
			function.Consumes(farewell, (*guestBook).Leave),
			function.ConsumesGroups(arrived, party, (*guestBook).Add),
			function.Changes(tables.Users, (*guestBook).Changed),
		},
	})
	if err := declared.Validate(); err != nil {
		t.Fatal(err)
	}
	resources := function.NewResources(config, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	h, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(log, "guest-book", "DEBUG", nil))
	if err != nil {
		t.Fatal(err)
	}
	return g, h, log
}

// message is a message of the queue of a topic.
func message(queue, id, body string) events.SQSMessage {
	return events.SQSMessage{
		MessageId: id, Body: body, EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-west-2:1:expenzez-dev-guest-book-" + queue,
		Attributes: map[string]string{"ApproximateReceiveCount": "2"},
		MessageAttributes: map[string]events.SQSMessageAttribute{
			function.MessageIDAttribute: {StringValue: aws.String("m-" + id), DataType: "String"},
			function.RequestIDAttribute: {StringValue: aws.String("request-1"), DataType: "String"},
		},
	}
}

// failed invokes the function and returns which items it reports as failed.
func failed(t *testing.T, ctx context.Context, h *lambdaruntime.Handler, batch any) []string {
	t.Helper()
	payload, err := json.Marshal(batch)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := h.Invoke(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	var response events.SQSEventResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, failure := range response.BatchItemFailures {
		ids = append(ids, failure.ItemIdentifier)
	}
	return ids
}

func TestInvoke_BatchOfMessages_ReportsThoseThatFail(t *testing.T) {
	g, h, log := newGuestBook(t)
	got := failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{
		message("greeted", "1", `{"Name":"Ada"}`),
		message("greeted", "2", `{"Name":""}`),
		message("greeted", "3", `no JSON`),
		message("greeted", "4", `{"Name":"panic"}`),
		message("greeted", "5", `{"Name":"Bob","AddedByALaterRelease":true}`),
	}})
	if want := []string{"2", "3", "4"}; !slices.Equal(got, want) || !slices.Equal(g.names, []string{"Ada", "Bob"}) {
		t.Errorf("failed %v, handled %v", got, g.names)
	}
	if want := (function.Delivery{ID: "m-1", RequestID: "request-1", Attempt: 2}); g.deliveries[0] != want {
		t.Errorf("the delivery is %+v", g.deliveries[0])
	}
	if n := strings.Count(log.String(), `"requestId":"request-1"`); n < 5 {
		t.Errorf("%d lines name the request that caused the messages:\n%s", n, log)
	}
}

func TestInvoke_MessagesOfOneGroup_AreHandledOnceAndShareTheResult(t *testing.T) {
	g, h, _ := newGuestBook(t)
	got := failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{
		message("arrived", "1", `{"Name":"Ada one"}`), message("arrived", "2", `{"Name":"Ada two"}`),
		message("arrived", "3", `{"Name":"panic"}`), message("arrived", "4", `{"Name":"panic"}`),
		message("arrived", "5", `{"Name":""}`), message("arrived", "6", `no JSON`), message("arrived", "7", `{"Name":"Bob"}`),
	}})
	if want := []string{"3", "4", "6"}; !slices.Equal(got, want) || !slices.Equal(g.names, []string{"Ada one", "Bob"}) || len(g.deliveries) != 3 {
		t.Errorf("failed %v, handled %v of %d deliveries", got, g.names, len(g.deliveries))
	}
	if again := failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{message("arrived", "8", `{"Name":"Ada one"}`)}}); len(again) != 0 || len(g.names) != 3 {
		t.Errorf("the group in another batch: failed %v, handled %v", again, g.names)
	}
}

func TestInvoke_QueuesWithLikeNames_ReachTheirHandlers(t *testing.T) {
	g, h, _ := newGuestBook(t)
	failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{message("farewell-greeted", "1", `{"Name":"Ada"}`)}})
	failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{message("greeted", "1", `{"Name":"Bob"}`)}})
	if want := []string{"left Ada", "Bob"}; !slices.Equal(g.names, want) {
		t.Errorf("handled %v", g.names)
	}
}

func TestInvoke_BatchOfUndeclaredSource_IsRefused(t *testing.T) {
	_, h, _ := newGuestBook(t)
	payload, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{message("other", "1", `{"Name":"Ada"}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := h.Invoke(t.Context(), payload); err == nil {
		t.Errorf("answered %s, which deletes the messages", answer)
	}
}

func TestInvoke_NoTimeLeft_FailsTheRestOfTheBatch(t *testing.T) {
	g, h, _ := newGuestBook(t)
	ctx, cancel := context.WithTimeout(t.Context(), 650*time.Millisecond) // the margin takes most of it
	defer cancel()
	got := failed(t, ctx, h, events.SQSEvent{Records: []events.SQSMessage{
		message("greeted", "1", `{"Name":"slow"}`), message("greeted", "2", `{"Name":"Ada"}`),
	}})
	if want := []string{"1", "2"}; !slices.Equal(got, want) || len(g.names) > 0 || ctx.Err() != nil {
		t.Errorf("failed %v, handled %v, %v", got, g.names, ctx.Err())
	}
}

// change is a record of the stream of Users.
func change(sequence int, fields string) string {
	return fmt.Sprintf(`{"eventSource":"aws:dynamodb","eventSourceARN":"arn:aws:dynamodb:eu-west-2:1:table/expenzez-dev-Users/stream/2026-01-01T00:00:00.000",
		"dynamodb":{"SequenceNumber":"%d"%s}`, sequence, fields) + "}"
}

const image = `{"userId":{"S":"ada"},"visits":{"N":"%d"},"tags":{"L":[{"S":"a"}]},"marks":{"M":{"x":{"N":"9"}}},"sealed":{"B":"AQI="},"gone":{"NULL":true},"on":{"BOOL":true},"set":{"SS":["a"]}}`

func TestInvoke_BatchOfChanges_StopsAtTheFirstFailure(t *testing.T) {
	g, h, _ := newGuestBook(t)
	old, now := fmt.Sprintf(image, 1), fmt.Sprintf(image, 2)
	batch := `{"Records":[` + strings.Join([]string{
		change(1, `,"NewImage":`+now),
		change(2, `,"OldImage":`+old+`,"NewImage":`+now),
		change(3, `,"OldImage":`+old),
		change(4, `,"OldImage":`+old+`},"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"`),
		change(5, `,"OldImage":`+old+`,"NewImage":`+fmt.Sprintf(image, -1)),
		change(6, `,"NewImage":`+now),
	}, ",") + `]}`
	got := failed(t, t.Context(), h, json.RawMessage(batch))
	if want := []string{"5"}; !slices.Equal(got, want) {
		t.Errorf("failed %v", got)
	}
	if want := []string{"new", "changed", "deleted", "expired"}; !slices.Equal(g.changes, want) {
		t.Errorf("handled %v", g.changes)
	}
}

// A message that is an array has each of its elements handled, and comes again as a whole.
func TestInvoke_MessageOfSeveral_IsHandledOneByOne(t *testing.T) {
	g, h, _ := newGuestBook(t)
	got := failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{
		message("greeted", "1", `[{"Name":"Ada"},{"Name":"Bob"}]`),
		message("greeted", "2", `[{"Name":""},{"Name":"Eve"},{"Name":"panic"}]`),
		message("greeted", "3", `[]`), message("greeted", "4", `[no JSON`),
	}})
	if want := []string{"2", "4"}; !slices.Equal(got, want) || !slices.Equal(g.names, []string{"Ada", "Bob", "Eve"}) {
		t.Errorf("failed %v, handled %v", got, g.names)
	}
	g, h, _ = newGuestBook(t)
	got = failed(t, t.Context(), h, events.SQSEvent{Records: []events.SQSMessage{
		message("arrived", "1", `[{"Name":"Ada one"},{"Name":"Bob"}]`), message("arrived", "2", `[{"Name":"Ada two"},{"Name":"panic"}]`),
	}})
	if want := []string{"2"}; !slices.Equal(got, want) || !slices.Equal(g.names, []string{"Ada one", "Bob"}) {
		t.Errorf("failed %v, handled %v", got, g.names)
	}
}

// gatherer takes changes together.
type gatherer struct {
	batches []int
	fails   error
}

func (g *gatherer) Changed(_ context.Context, changes []function.Change[guest]) error {
	g.batches = append(g.batches, len(changes))
	return g.fails
}

func TestInvoke_ChangesTogether_AreHandledAtOnceAndComeAgainFromTheFirst(t *testing.T) {
	g := &gatherer{}
	declared := function.Define(function.Spec[*gatherer]{
		Name: "gatherer", Purpose: "Gathers guests.", New: func(*function.Resources) (*gatherer, error) { return g, nil },
		Events: []function.EventOf[*gatherer]{function.ChangesTogether(tables.Users, (*gatherer).Changed)},
	})
	resources := function.NewResources(nowhere, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	h, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(&bytes.Buffer{}, "gatherer", "DEBUG", nil))
	if err != nil {
		t.Fatal(err)
	}
	now := fmt.Sprintf(image, 2)
	batch := json.RawMessage(`{"Records":[` + change(1, `,"NewImage":`+now) + "," + change(2, `,"NewImage":`+now) + `]}`)
	if got := failed(t, t.Context(), h, batch); len(got) != 0 || !slices.Equal(g.batches, []int{2}) {
		t.Errorf("failed %v of %v", got, g.batches)
	}
	g.fails = errors.New("down")
	if got := failed(t, t.Context(), h, batch); !slices.Equal(got, []string{"1"}) {
		t.Errorf("failed %v", got)
	}
}
