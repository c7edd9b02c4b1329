package constructs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewTableStreamConsumer() {
	stack, output := newStack(), outputDir()
	orders := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		Name:         "shop-prod-orders",
		PartitionKey: constructs.TableKey{Name: "userId"},
		Stream:       constructs.StreamNewImage,
	})
	project := constructs.NewLeastPrivilegeFunction(stack, "ProjectOrders", &constructs.LeastPrivilegeFunctionProps{
		Name: "shop-prod-project-orders",
		Code: constructs.GoBundle{Package: "./testdata/hello", OutputDir: output},
	})
	failures := awssqs.NewQueue(stack, jsii.String("Failures"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	constructs.NewTableStreamConsumer(stack, "OrdersToProjection", &constructs.TableStreamConsumerProps{
		Table:     orders,
		Function:  project,
		OnFailure: constructs.FailuresToQueue(failures),
	})
	template := *assertions.Template_FromStack(stack, nil).ToJSON()
	mapping := all(template, "AWS::Lambda::EventSourceMapping")[0]
	fmt.Println(at(mapping, "Properties", "StartingPosition"), at(mapping, "Properties", "MaximumRetryAttempts"))
	fmt.Println(statement(template, "OrdersStream")["Action"])
	// Output:
	// LATEST 3
	// [dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams]
}

// streaming is a table with a stream, a function, and a queue for failures.
func streaming(t *testing.T, stack awscdk.Stack) *constructs.TableStreamConsumerProps {
	t.Helper()
	return &constructs.TableStreamConsumerProps{
		Table: constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
			Name: "users", PartitionKey: constructs.TableKey{Name: "id"}, Stream: constructs.StreamKeysOnly,
		}),
		Function:  constructs.NewLeastPrivilegeFunction(stack, "Read", &constructs.LeastPrivilegeFunctionProps{Name: "read", Code: bootstrap(t)}),
		OnFailure: constructs.FailuresToQueue(awssqs.NewQueue(stack, jsii.String("Failures"), nil)),
	}
}

func TestTableStreamConsumer_Defaults_InvokesAliasAndKeepsFailures(t *testing.T) {
	template := build(func(stack awscdk.Stack) { constructs.NewTableStreamConsumer(stack, "Changes", streaming(t, stack)) })
	mapping := only(t, template, "AWS::Lambda::EventSourceMapping")
	properties := at(mapping, "Properties")
	equal(t, "split", at(properties, "BisectBatchOnFunctionError"), `true`)
	equal(t, "partial answers", at(properties, "FunctionResponseTypes"), `["ReportBatchItemFailures"]`)
	equal(t, "batch", at(properties, "BatchSize"), `100`)
	equal(t, "retries", at(properties, "MaximumRetryAttempts"), `3`)
	equal(t, "parallel", at(properties, "ParallelizationFactor"), `1`)
	equal(t, "start", at(properties, "StartingPosition"), `"LATEST"`)
	equal(t, "source", at(properties, "EventSourceArn", "Fn::GetAtt", 1), `"StreamArn"`)
	if invoked := fmt.Sprint(at(properties, "FunctionName")); !strings.Contains(invoked, "live") {
		t.Errorf("it invokes %s, want the alias", invoked)
	}
	failures, _ := at(properties, "DestinationConfig", "OnFailure", "Destination", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(failures, "Failures") {
		t.Errorf("failures go to %v", at(properties, "DestinationConfig"))
	}
	if waits := fmt.Sprint(mapping["DependsOn"]); !strings.Contains(waits, "LatePolicy") {
		t.Errorf("the mapping waits for %s, want the function's permissions", waits)
	}
	equal(t, "permission to report", statement(template, "FailuresSend")["Action"], `"sqs:SendMessage"`)
	equal(t, "permission to read", statement(template, "UsersStream")["Resource"], fmt.Sprintf(`{"Fn::GetAtt": [%q, "StreamArn"]}`, at(properties, "EventSourceArn", "Fn::GetAtt", 0)))
}

func TestTableStreamConsumer_GivenProps_AreInTheTemplate(t *testing.T) {
	properties := at(only(t, build(func(stack awscdk.Stack) {
		props := streaming(t, stack)
		props.BatchSize, props.Window, props.Attempts, props.ParallelizationFactor, props.FromTrimHorizon = 10, time.Minute, 1, 2, true
		constructs.NewTableStreamConsumer(stack, "Changes", props)
	}), "AWS::Lambda::EventSourceMapping"), "Properties")
	equal(t, "batch", at(properties, "BatchSize"), `10`)
	equal(t, "window", at(properties, "MaximumBatchingWindowInSeconds"), `60`)
	equal(t, "retries", at(properties, "MaximumRetryAttempts"), `0`)
	equal(t, "parallel", at(properties, "ParallelizationFactor"), `2`)
	equal(t, "start", at(properties, "StartingPosition"), `"TRIM_HORIZON"`)
}

func TestTableStreamConsumer_ImportedTableAndEncryptedQueue_HasNoWildcards(t *testing.T) {
	stack := newStack()
	props := streaming(t, stack)
	props.Table = constructs.ImportSecureTable(stack, "Old", &constructs.ImportedTableProps{Name: "users", KeyARN: keyARN, StreamARN: streamARN})
	props.OnFailure = constructs.FailuresToQueue(awssqs.NewQueue(stack, jsii.String("Sealed"), &awssqs.QueueProps{
		EncryptionMasterKey: awskms.NewKey(stack, jsii.String("QueueKey"), nil),
	}))
	constructs.NewTableStreamConsumer(stack, "Changes", props)
	template := synth(stack)
	equal(t, "stream", statement(template, "OldStream")["Resource"], `"`+streamARN+`"`)
	equal(t, "table's key", statement(template, "OldStreamKey")["Resource"], `"`+keyARN+`"`)
	equal(t, "queue's key", statement(template, "SealedSendKey")["Action"], `["kms:Decrypt", "kms:GenerateDataKey"]`)
	synthSucceeds(t, stack)
}

func TestTableStreamConsumer_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	fifo := awssqs.NewQueue(stack, jsii.String("Fifo"), &awssqs.QueueProps{Fifo: jsii.Bool(true)})
	still := constructs.NewSecureTable(stack, "Still", &constructs.SecureTableProps{Name: "still", PartitionKey: constructs.TableKey{Name: "id"}})
	good := streaming(t, stack)
	cases := map[string]struct {
		spoil func(p *constructs.TableStreamConsumerProps)
		props []string
	}{
		"no table":             {func(p *constructs.TableStreamConsumerProps) { p.Table = nil }, []string{"Table"}},
		"no stream":            {func(p *constructs.TableStreamConsumerProps) { p.Table = still }, []string{"Table"}},
		"no function":          {func(p *constructs.TableStreamConsumerProps) { p.Function = nil }, []string{"Function"}},
		"failures lost":        {func(p *constructs.TableStreamConsumerProps) { p.OnFailure = constructs.FailureDestination{} }, []string{"OnFailure"}},
		"failures in order":    {func(p *constructs.TableStreamConsumerProps) { p.OnFailure = constructs.FailuresToQueue(fifo) }, []string{"OnFailure"}},
		"batch too small":      {func(p *constructs.TableStreamConsumerProps) { p.BatchSize = -1 }, []string{"BatchSize"}},
		"batch too big":        {func(p *constructs.TableStreamConsumerProps) { p.BatchSize = 10001 }, []string{"BatchSize"}},
		"window too long":      {func(p *constructs.TableStreamConsumerProps) { p.Window = 301 * time.Second }, []string{"Window"}},
		"window negative":      {func(p *constructs.TableStreamConsumerProps) { p.Window = -time.Second }, []string{"Window"}},
		"window of parts":      {func(p *constructs.TableStreamConsumerProps) { p.Window = time.Millisecond }, []string{"Window"}},
		"no attempt":           {func(p *constructs.TableStreamConsumerProps) { p.Attempts = -1 }, []string{"Attempts"}},
		"too many attempts":    {func(p *constructs.TableStreamConsumerProps) { p.Attempts = 10002 }, []string{"Attempts"}},
		"too much in parallel": {func(p *constructs.TableStreamConsumerProps) { p.ParallelizationFactor = 11 }, []string{"ParallelizationFactor"}},
		"less than one":        {func(p *constructs.TableStreamConsumerProps) { p.ParallelizationFactor = -1 }, []string{"ParallelizationFactor"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := *good
			c.spoil(&props)
			refused(t, func() { constructs.NewTableStreamConsumer(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewTableStreamConsumer(stack, "none", nil) }, "Table", "Function", "OnFailure")
}
