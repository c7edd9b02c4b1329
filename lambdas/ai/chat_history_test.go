package ai

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/chatretention"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func (w *world) say(user, role, content string) {
	w.t.Helper()
	_, err := w.history().Add(w.t.Context(), function.Caller{UserID: user}, messageRequest{role, content})
	must(w.t, err)
	w.at = w.at.Add(time.Second)
}

// shown returns the user's history as one text.
func (w *world) shown(user string) string {
	w.t.Helper()
	response, err := w.history().List(w.t.Context(), function.Caller{UserID: user}, function.NoInput{})
	must(w.t, err)
	var lines []string
	for _, message := range response.History {
		lines = append(lines, message.Role+": "+message.Content)
	}
	return strings.Join(lines, "\n")
}

func TestChatHistory_Messages_AreShownOldestFirstToTheirUserAlone(t *testing.T) {
	w := newWorld(t)
	w.say("ada", "user", "How much did I spend?\nThis month.")
	w.say("ada", "assistant", "You spent £900.")
	w.say("eve", "user", "Hello")
	if got := w.shown("ada"); got != "user: How much did I spend?\nThis month.\nassistant: You spent £900." {
		t.Errorf("got %q", got)
	}
	if got := w.shown("eve"); got != "user: Hello" {
		t.Errorf("got %q", got)
	}
}

func TestChatHistory_ManyMessages_ShowsTheLast(t *testing.T) {
	w := newWorld(t)
	for i := range maxShown + 5 {
		w.say("ada", "user", fmt.Sprint("message ", i))
	}
	if got := w.shown("ada"); !strings.HasPrefix(got, "user: message 5\n") || !strings.HasSuffix(got, "message 104") {
		t.Errorf("got %q", got)
	}
}

func TestChatHistory_Clear_DeletesMessagesAndNothingElse(t *testing.T) {
	w := newWorld(t)
	other := tables.AISuggestionPrefix + "x"
	must(t, w.chat.Raw.Put(t.Context(), store.SealedItem{"userId": &types.AttributeValueMemberS{Value: "ada"}, "id": &types.AttributeValueMemberS{Value: other}}))
	for range 30 {
		w.say("ada", "user", "Hello")
	}
	w.say("eve", "user", "Hello")
	for _, want := range []int{30, 0} {
		response, err := w.history().Clear(t.Context(), ada, function.NoInput{})
		if err != nil || !response.Success || response.DeletedCount != want {
			t.Errorf("got %+v, %v", response, err)
		}
	}
	if w.shown("ada") != "" || w.shown("eve") == "" {
		t.Errorf("left are %q and %q", w.shown("ada"), w.shown("eve"))
	}
	if _, err := w.chat.Raw.Get(t.Context(), store.Key{"ada", other}, store.Consistent); err != nil {
		t.Error(err)
	}
}

func TestChatHistory_NinetyDaysLater_ShowsNothing(t *testing.T) {
	w := newWorld(t)
	w.say("ada", "user", "Hello")
	w.at = w.at.Add(chatretention.Ordinary)
	if got := w.shown("ada"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestChatHistory_StoredMessage_IsSealed(t *testing.T) {
	w := newWorld(t)
	w.say("ada", "user", "a secret wish")
	page, err := w.chat.Raw.Query(t.Context(), store.Query{Partition: "ada", Limit: 1})
	if err != nil || len(page.Items) != 1 || strings.Contains(fmt.Sprintf("%q", page.Items), "secret") {
		t.Errorf("stored %q, %v", page.Items, err)
	}
}

func TestMessageRequest_OtherRolesAndNoContent_AreRefused(t *testing.T) {
	for body, valid := range map[string]bool{
		`{"role":"user","content":"Hello"}`:                             true,
		`{"role":"assistant","content":"**Hello**\n- there"}`:           true,
		`{"role":"system","content":"Hello"}`:                           false,
		`{"role":"user","content":""}`:                                  false,
		`{"role":"user"}`:                                               false,
		`{"role":"user","content":"` + strings.Repeat("a", 8001) + `"}`: false,
	} {
		if _, err := routetest.Read[messageRequest](body, nil); (err == nil) != valid {
			t.Errorf("%.60s: got %v", body, err)
		}
	}
}

func TestChatHistory_Consent_DecidesHowLongMessagesAreKept(t *testing.T) {
	w := newWorld(t)
	w.say("ada", "user", "before")
	w.consents = consents{"ada": true}
	w.say("ada", "user", "under consent")
	w.say("eve", "user", "without consent")
	for _, step := range []struct {
		after    time.Duration
		ada, eve string
	}{
		{0, "user: before\nuser: under consent", "user: without consent"},
		{chatretention.Ordinary, "user: under consent", ""},
		{chatretention.Consented - chatretention.Ordinary, "", ""},
	} {
		w.at = w.at.Add(step.after)
		if ada, eve := w.shown("ada"), w.shown("eve"); ada != step.ada || eve != step.eve {
			t.Errorf("after another %s: ada has %q, eve %q", step.after, ada, eve)
		}
	}
}
