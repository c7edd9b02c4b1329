package emailtest_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
)

func TestOutbox_KeepsSentMessages(t *testing.T) {
	var outbox emailtest.Outbox
	message := emailtemplates.Username{Username: "ada"}
	if err := outbox.Send(t.Context(), "ada@example.com", message); err != nil {
		t.Fatal(err)
	}
	if err := outbox.Send(t.Context(), "ada@example.com", emailtemplates.Username{}); err == nil {
		t.Error("a message that lacks something is sent")
	}
	outbox.Err = errors.New("down")
	if err := outbox.Send(t.Context(), "ada@example.com", message); err != outbox.Err {
		t.Errorf("got %v", err)
	}
	if got, want := outbox.Sent(), []emailtest.Sent{{To: "ada@example.com", Message: message}}; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %+v", got)
	}
}
