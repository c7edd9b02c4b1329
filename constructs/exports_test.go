package constructs_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// A table is used by another stack: its reference is strong, whatever the app's
// flag says, so that no deployment takes the table away while it is used.
func Example_strongReferences() {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:defaultCrossStackReferences": "weak"}})
	data := awscdk.NewStack(app, jsii.String("Data"), nil)
	users := constructs.NewSecureTable(data, "Users", &constructs.SecureTableProps{
		Name:         "shop-prod-users",
		PartitionKey: constructs.TableKey{Name: "userId"},
	})
	awscdk.CrossStackReferences_Of(users.Table).Produce(awscdk.ReferenceStrength_STRONG)

	api := awscdk.NewStack(app, jsii.String("Api"), nil)
	awscdk.NewCfnOutput(api, jsii.String("UsersTable"), &awscdk.CfnOutputProps{Value: users.Table.TableArn()})
	fmt.Println(at(synth(api), "Outputs", "UsersTable", "Value"))
	// Output: map[Fn::ImportValue:Data:ExportsOutputFnGetAttUsersTable6D91A5EEArnF6868322]
}

// The first of the two deployments that take a consumer off an export: the
// consumer no longer uses the topic, and the producer keeps the export.
func Example_exportValue() {
	producer := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Producer"), nil)
	topic := awssns.NewTopic(producer, jsii.String("Orders"), nil)
	producer.ExportValue(topic.TopicArn(), nil) // until every consumer is deployed without it
	fmt.Println(len(exports(synth(producer))))
	// Output: 1
}

// orders is an app of two stacks as it is synthesized for one deployment.
type orders struct{ producer, consumer map[string]any }

// synthOrders makes a topic in one stack, and in the other what uses it.
func synthOrders(flag string, id string, used, keepExport bool) orders {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:defaultCrossStackReferences": flag}})
	producer := awscdk.NewStack(app, jsii.String("Producer"), nil)
	consumer := awscdk.NewStack(app, jsii.String("Consumer"), nil)
	topic := awssns.NewTopic(producer, jsii.String(id), nil)
	if keepExport {
		producer.ExportValue(topic.TopicArn(), nil)
	}
	value := jsii.String("none")
	if used {
		value = topic.TopicArn()
	}
	awscdk.NewCfnOutput(consumer, jsii.String("Topic"), &awscdk.CfnOutputProps{Value: value})
	return orders{
		producer: *assertions.Template_FromStack(producer, nil).ToJSON(),
		consumer: *assertions.Template_FromStack(consumer, nil).ToJSON(),
	}
}

// refusedBy returns the exports that CloudFormation refuses to change or remove
// when it deploys the next producer while the consumer is as before.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html
func (before orders) refusedBy(next orders) []string {
	was, will := exports(before.producer), exports(next.producer)
	return slices.DeleteFunc(imports(before.consumer), func(name string) bool { return will[name] == was[name] })
}

// exports returns the values of a template's exports by name.
func exports(template map[string]any) map[string]string {
	found := map[string]string{}
	outputs, _ := template["Outputs"].(map[string]any)
	for _, output := range outputs {
		if name, ok := at(output, "Export", "Name").(string); ok {
			found[name] = fmt.Sprint(at(output, "Value"))
		}
	}
	return found
}

// imports returns the names of the exports that a value of a template imports.
func imports(value any) []string {
	var found []string
	switch v := value.(type) {
	case map[string]any:
		if name, ok := v["Fn::ImportValue"].(string); ok {
			found = append(found, name)
		}
		for _, child := range v {
			found = append(found, imports(child)...)
		}
	case []any:
		for _, child := range v {
			found = append(found, imports(child)...)
		}
	}
	return found
}

func TestStrongReference_RemovedAtOnce_IsRefused(t *testing.T) {
	used, unused := synthOrders("strong", "Orders", true, false), synthOrders("strong", "Orders", false, false)
	if refused := used.refusedBy(unused); len(refused) != 1 {
		t.Errorf("CloudFormation refuses %q, want the one export in use", refused)
	}
}

func TestStrongReference_ReplacedResource_IsRefused(t *testing.T) {
	used, replaced := synthOrders("strong", "Orders", true, false), synthOrders("strong", "NewOrders", true, false)
	if refused := used.refusedBy(replaced); len(refused) != 1 {
		t.Errorf("CloudFormation refuses %q, want the one export in use", refused)
	}
}

func TestStrongReference_RemovedInTwoDeployments_IsAccepted(t *testing.T) {
	used := synthOrders("strong", "Orders", true, false)
	first := synthOrders("strong", "Orders", false, true)
	second := synthOrders("strong", "Orders", false, false)
	if refused := used.refusedBy(first); len(refused) != 0 {
		t.Errorf("the first deployment is refused for %q", refused)
	}
	if refused := first.refusedBy(second); len(refused) != 0 {
		t.Errorf("the second deployment is refused for %q", refused)
	}
	if len(exports(first.producer)) != 1 || len(exports(second.producer)) != 0 {
		t.Error("the export must be there in the first deployment only")
	}
}

func TestWeakReference_RemovedOrReplaced_IsAccepted(t *testing.T) {
	used := synthOrders("weak", "Orders", true, false)
	value := at(used.consumer, "Outputs", "Topic", "Value")
	if at(value, "Fn::GetStackOutput") == nil || len(exports(used.producer)) != 0 {
		t.Errorf("the weak reference is %v, with the exports %v", value, exports(used.producer))
	}
	for what, next := range map[string]orders{
		"removed": synthOrders("weak", "Orders", false, false), "replaced": synthOrders("weak", "NewOrders", true, false),
	} {
		if refused := used.refusedBy(next); len(refused) != 0 {
			t.Errorf("%s: refused for %q", what, refused)
		}
	}
}

// From strong to weak: the export stays for the deployment in which consumers
// stop importing it.
func TestReferenceOfBothStrengths_LeadsFromStrongToWeak(t *testing.T) {
	strong, both, weak := synthOrders("strong", "Orders", true, false), synthOrders("both", "Orders", true, false), synthOrders("weak", "Orders", true, false)
	if refused := strong.refusedBy(weak); len(refused) != 1 {
		t.Errorf("straight to weak, CloudFormation refuses %q, want the one export in use", refused)
	}
	if refused := append(strong.refusedBy(both), both.refusedBy(weak)...); len(refused) != 0 {
		t.Errorf("by way of both, CloudFormation refuses %q", refused)
	}
}
