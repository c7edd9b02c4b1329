package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// published are the messages of a topic, as they are sent, and their ids.
type published struct {
	ids, texts []string
	fails      error
}

func (p *published) Publish(_ context.Context, id string, message TransactionChanged) error {
	text, err := json.Marshal(message)
	p.ids, p.texts = append(p.ids, id), append(p.texts, string(text))
	return errors.Join(err, p.fails)
}

func TestPublish_Changes_SayWhatHappened(t *testing.T) {
	old := &storedState{UserID: "ada", TransactionID: "t1", Day: "2026-07-01", Amount: money.FromMinor(-350, 2), Category: "food", Version: "v1"}
	edited, left := *old, &storedState{UserID: "ada", TransactionID: "t1", DeletedAt: 7, Version: "v3"}
	edited.Excluded, edited.Version, edited.MerchantHash = true, "v2", "hash"
	const before, after = `{"day":"2026-07-01","amount":-3.5,"category":"food","excluded":false}`, `{"day":"2026-07-01","amount":-3.5,"category":"food","excluded":true,"merchantHash":"hash"}`
	for name, c := range map[string]struct {
		change function.Change[storedState]
		ids    []string
		text   string
	}{
		"created":                       {function.Change[storedState]{New: old}, []string{"t1#v1#created"}, `{"userId":"ada","transactionId":"t1","kind":"created","after":` + before + `}`},
		"edited":                        {function.Change[storedState]{Old: old, New: &edited}, []string{"t1#v2#changed"}, `{"userId":"ada","transactionId":"t1","kind":"changed","before":` + before + `,"after":` + after + `}`},
		"deleted":                       {function.Change[storedState]{Old: &edited}, []string{"t1#v2#deleted"}, `{"userId":"ada","transactionId":"t1","kind":"deleted","before":` + after + `}`},
		"a row of an import is deleted": {function.Change[storedState]{Old: old, New: left}, []string{"t1#v3#deleted"}, `{"userId":"ada","transactionId":"t1","kind":"deleted","before":` + before + `}`},
		"what is left is erased":        {function.Change[storedState]{Old: left}, nil, ""},
	} {
		topic := &published{}
		if err := (&changes{topic}).Publish(t.Context(), c.change); err != nil || !slices.Equal(topic.ids, c.ids) || len(c.ids) > 0 && topic.texts[0] != c.text {
			t.Errorf("%s: published %v %v, %v", name, topic.ids, topic.texts, err)
		}
	}
	down := &published{fails: errDown}
	if err := (&changes{down}).Publish(t.Context(), function.Change[storedState]{New: old}); !errors.Is(err, errDown) {
		t.Errorf("a change that was not published: %v", err)
	}
}
