package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// published are the messages of a topic, as they are sent, and their ids.
type published struct {
	ids, texts []string
	fails      error
}

func (p *published) PublishAll(_ context.Context, id string, messages []TransactionChanged) error {
	text, err := json.Marshal(messages)
	p.ids, p.texts = append(p.ids, id), append(p.texts, string(text))
	return errors.Join(err, p.fails)
}

func TestPublish_Changes_SayWhatHappened(t *testing.T) {
	old := &storedState{UserID: "ada", TransactionID: "t1", Day: "2026-07-01", Amount: money.FromMinor(-350, 2), Category: "food", Version: "v1", WrittenAt: 1}
	edited, left := *old, &storedState{UserID: "ada", TransactionID: "t1", DeletedAt: 7, Version: "v3", WrittenAt: 3}
	edited.Excluded, edited.Version, edited.MerchantHash, edited.WrittenAt = true, "v2", "hash", 2
	const before, after = `{"day":"2026-07-01","amount":-3.5,"category":"food","excluded":false}`, `{"day":"2026-07-01","amount":-3.5,"category":"food","excluded":true,"merchantHash":"hash"}`
	for name, c := range map[string]struct {
		change function.Change[storedState]
		ids    []string
		text   string
	}{
		"created":                       {function.Change[storedState]{New: old}, []string{"t1#v1#created"}, `{"userId":"ada","transactionId":"t1","kind":"created","after":` + before + `,"at":1}`},
		"edited":                        {function.Change[storedState]{Old: old, New: &edited}, []string{"t1#v2#changed"}, `{"userId":"ada","transactionId":"t1","kind":"changed","before":` + before + `,"after":` + after + `,"at":2}`},
		"deleted":                       {function.Change[storedState]{Old: &edited}, []string{"t1#v2#deleted"}, `{"userId":"ada","transactionId":"t1","kind":"deleted","before":` + after + `,"at":2}`},
		"a row of an import is deleted": {function.Change[storedState]{Old: old, New: left}, []string{"t1#v3#deleted"}, `{"userId":"ada","transactionId":"t1","kind":"deleted","before":` + before + `,"at":3}`},
		"what is left is erased":        {function.Change[storedState]{Old: left}, nil, ""},
	} {
		topic := &published{}
		if err := (&changes{topic}).Publish(t.Context(), []function.Change[storedState]{c.change}); err != nil || !slices.Equal(topic.ids, c.ids) || len(c.ids) > 0 && topic.texts[0] != "["+c.text+"]" {
			t.Errorf("%s: published %v %v, %v", name, topic.ids, topic.texts, err)
		}
	}
	down := &published{fails: errDown}
	if err := (&changes{down}).Publish(t.Context(), []function.Change[storedState]{{New: old}}); !errors.Is(err, errDown) {
		t.Errorf("a change that was not published: %v", err)
	}
}

// An import of 10,000 rows comes from the stream in batches of 100, as of Lambda's event
// source, and other users change transactions meanwhile.
func TestPublish_ImportOfTenThousandRows_PublishesAHundredMessages(t *testing.T) {
	const rows, batch = 10_000, 100
	topic := &published{}
	var batches int
	for first := 0; first < rows; first += batch {
		var all []function.Change[storedState]
		for i := range batch {
			all = append(all, function.Change[storedState]{New: &storedState{
				UserID: "ada", TransactionID: fmt.Sprintf("5f1c2a9e-0000-4000-8000-%012d", first+i), Version: strings.Repeat("v", 26),
				Day: "2026-07-01", Amount: money.FromMinor(-12345678, 2), Category: "entertainment", MerchantHash: strings.Repeat("h", 22),
			}})
		}
		if batches++; batches == 1 {
			all = slices.Insert(all, 1, function.Change[storedState]{New: &storedState{UserID: "eve", TransactionID: "e", Version: "v"}})
		}
		if err := (&changes{topic}).Publish(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	seen, largest, mixed := map[string]bool{}, 0, 0
	for _, text := range topic.texts {
		var messages []TransactionChanged
		if err := json.Unmarshal([]byte(text), &messages); err != nil {
			t.Fatal(err)
		}
		largest = max(largest, len(text))
		for _, message := range messages {
			seen[message.TransactionID] = true
			if message.UserID != messages[0].UserID {
				mixed++
			}
		}
	}
	t.Logf("%d rows: %d messages, the largest of %d bytes", rows, len(topic.texts), largest)
	if len(topic.texts) != rows/batch+1 || len(seen) != rows+1 || mixed != 0 || largest > 256*1024/4 {
		t.Errorf("%d messages of %d transactions", len(topic.texts), len(seen))
	}
}

func TestPublish_MoreThanAMessageHolds_PublishesTheRestInAnother(t *testing.T) {
	topic := &published{}
	var all []function.Change[storedState]
	for i := range maxTogether + 1 {
		all = append(all, function.Change[storedState]{New: &storedState{UserID: "ada", TransactionID: fmt.Sprint("t", i), Version: "v"}})
	}
	if err := (&changes{topic}).Publish(t.Context(), all); err != nil || !slices.Equal(topic.ids, []string{"t0#v#created", fmt.Sprintf("t%d#v#created", maxTogether)}) {
		t.Errorf("got %v, %v", topic.ids, err)
	}
}
