package stacks

import (
	"context"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

type reminder struct{ Goal string }

func (goalService) Notice(context.Context, reminder) error { return nil }

func TestNewConsumer_MessagesOfGroups_AreGathered(t *testing.T) {
	cfg, err := config.Load("dev")
	if err != nil {
		t.Fatal(err)
	}
	topic := function.NewTopic[reminder]("reminder", "A goal needs care.")
	group := func(r reminder) string { return r.Goal }
	for name, test := range map[string]struct {
		event function.EventOf[goalService]
		want  map[string]any
	}{
		"groups": {function.ConsumesGroups(topic, group, goalService.Notice), map[string]any{"BatchSize": 10, "MaximumBatchingWindowInSeconds": 2}},
		"alone":  {function.ConsumesAlone(topic, goalService.Notice), map[string]any{"BatchSize": 1, "MaximumBatchingWindowInSeconds": assertions.Match_Absent()}},
		"each":   {function.Consumes(topic, goalService.Notice), map[string]any{"BatchSize": 10, "MaximumBatchingWindowInSeconds": assertions.Match_Absent()}},
	} {
		t.Run(name, func(t *testing.T) {
			declared := goalFunction(function.Spec[goalService]{Purpose: "Reminds of goals.", Events: []function.EventOf[goalService]{test.event}})
			stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Test"), nil)
			built := constructs.NewLeastPrivilegeFunction(stack, "Goals", &constructs.LeastPrivilegeFunctionProps{
				Name: "goals", Code: constructs.GoBundle{Package: "./lambdas/health/bootstrap", Dir: "..", Tags: function.BuildTags},
			})
			w := &wiring{cfg: cfg, core: &core{
				storage: constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
					Alias: "storage", Description: "Encrypts messages", Services: []constructs.KeyService{constructs.KeyServiceSQS},
				}),
				alerts: constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"}),
			}}
			w.newConsumer(declared, declared.Events[0], built)
			assertions.Template_FromStack(stack, nil).HasResourceProperties(jsii.String("AWS::Lambda::EventSourceMapping"), test.want)
		})
	}
}
