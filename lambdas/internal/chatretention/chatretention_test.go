package chatretention_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/chatretention"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// kept is an item as package ai writes it, without its text.
type kept struct {
	UserID    string `dynamodbav:"userId"`
	ID        string `dynamodbav:"id"`
	Consented bool   `dynamodbav:"consented,omitempty"`
}

func TestForget_ConsentedMessages_AreDeletedAlone(t *testing.T) {
	client, name := dynamotest.Client(t), dynamotest.Table(t, tables.AIChatHistory)
	items := store.New[kept](client, name, tables.AIChatHistory)
	var all []kept
	for i := range 1100 { // more than two pages
		all = append(all, kept{"ada", fmt.Sprintf("message#%04d", i), i%2 == 0})
	}
	all = append(all, kept{"eve", "message#0000", true}, kept{"ada", "suggestion#1", true})
	if err := items.WriteAll(t.Context(), all, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be repeated
		if err := chatretention.NewMessages(client, name).Forget(t.Context(), "ada"); err != nil {
			t.Fatal(err)
		}
	}
	left := dynamotest.Text(t, name)
	for id, stays := range map[string]bool{"message#0001": true, "message#1099": true, "suggestion#1": true, "eve": true, "message#0002": false, "message#0600": false, "message#1098": false} {
		if strings.Contains(left, id) != stays {
			t.Errorf("%s: left %v", id, !stays)
		}
	}
}
