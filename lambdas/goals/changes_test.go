package goals

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
)

// published are the messages of a topic, by id.
type published struct {
	ids      []string
	messages []GoalReached
	fails    error
}

func (p *published) Publish(_ context.Context, id string, message GoalReached) error {
	p.ids, p.messages = append(p.ids, id), append(p.messages, message)
	return p.fails
}

func TestPublish_Changes_OnlyReachedGoalsArePublished(t *testing.T) {
	open := &reachedState{UserID: "ada", GoalID: "g1", TargetAmount: testkit.Pounds(t, "10"), CurrentAmount: testkit.Pounds(t, "9")}
	reached := &reachedState{UserID: "ada", GoalID: "g1", TargetAmount: testkit.Pounds(t, "10"), CurrentAmount: testkit.Pounds(t, "10"), ReachedAt: 7}
	for name, c := range map[string]struct {
		change function.Change[reachedState]
		want   []string
	}{
		"created":          {function.Change[reachedState]{New: open}, nil},
		"created reached":  {function.Change[reachedState]{New: reached}, []string{"g1"}},
		"saved":            {function.Change[reachedState]{Old: open, New: open}, nil},
		"reached":          {function.Change[reachedState]{Old: open, New: reached}, []string{"g1"}},
		"changed later":    {function.Change[reachedState]{Old: reached, New: reached}, nil},
		"deleted":          {function.Change[reachedState]{Old: open}, nil},
		"deleted, reached": {function.Change[reachedState]{Old: reached}, nil},
	} {
		topic := &published{}
		if err := (&changes{topic}).Publish(t.Context(), c.change); err != nil || !slices.Equal(topic.ids, c.want) {
			t.Errorf("%s: published %v, %v", name, topic.ids, err)
		}
	}
}

func TestPublish_SameChangeAgain_IsTheSameMessage(t *testing.T) {
	topic := &published{fails: errors.New("SNS is down")}
	change := function.Change[reachedState]{New: &reachedState{UserID: "ada", GoalID: "g1", TargetAmount: testkit.Pounds(t, "10"), CurrentAmount: testkit.Pounds(t, "12"), ReachedAt: 7}}
	for range 2 {
		if err := (&changes{topic}).Publish(t.Context(), change); !errors.Is(err, topic.fails) {
			t.Errorf("got %v", err)
		}
	}
	want := GoalReached{UserID: "ada", GoalID: "g1", TargetAmount: testkit.Pounds(t, "10"), CurrentAmount: testkit.Pounds(t, "12"), ReachedAt: 7}
	if topic.ids[0] != topic.ids[1] || topic.messages[0] != topic.messages[1] || topic.messages[0].GoalID != want.GoalID || topic.messages[0].ReachedAt != 7 {
		t.Errorf("published %v %+v", topic.ids, topic.messages)
	}
}
