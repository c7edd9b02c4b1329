package constructs_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// A nil where a resource belongs, as a map that lacks it gives, would otherwise
// be a nil pointer somewhere inside.
func TestGrants_NilResource_IsRefused(t *testing.T) {
	stack := newStack()
	for param, grant := range map[string]func(){
		"key":               func() { constructs.AllowKey(nil, constructs.Decrypt) },
		"secret":            func() { constructs.AllowSecret(nil) },
		"queue":             func() { constructs.AllowSend(nil) },
		"queue consumed":    func() { constructs.AllowConsume(nil) },
		"topic":             func() { constructs.AllowPublish(nil) },
		"bus":               func() { constructs.AllowPutEvents(nil) },
		"pool":              func() { constructs.AllowUserPool(nil, constructs.AdminGetUser) },
		"identity":          func() { constructs.AllowSendEmail(nil, "hello@example.com") },
		"group":             func() { constructs.AllowSchedules(nil, nil, constructs.GetSchedule) },
		"queue of failures": func() { constructs.FailuresToQueue(nil) },
		"topic of failures": func() { constructs.FailuresToTopic(nil) },
		"alarms[0]": func() {
			constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"}).Notify(nil)
		},
	} {
		t.Run(param, func(t *testing.T) {
			name, _, _ := strings.Cut(param, " ")
			refused(t, grant, name)
		})
	}
}

func TestConstructs_NilScope_IsRefused(t *testing.T) {
	refused(t, func() { constructs.NewSecureTable(nil, "Users", nil) }, "Name", "PartitionKey.Name", "scope")
}

func TestPropsError_TokenValue_IsExplained(t *testing.T) {
	stack := newStack()
	name := awscdk.NewCfnParameter(stack, jsii.String("Name"), nil).ValueAsString()
	err, _ := panicOf(func() {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{Name: *name, PartitionKey: constructs.TableKey{Name: "userId"}})
	}).(*constructs.PropsError)
	if err == nil || !strings.Contains(err.Error(), "known only at deployment") {
		t.Errorf("said %v", err)
	}
}
