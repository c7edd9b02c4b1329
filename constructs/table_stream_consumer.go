package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TableStreamConsumerProps are the props of NewTableStreamConsumer.
type TableStreamConsumerProps struct {
	// Table is a table with a stream. Required.
	Table *SecureTable
	// Function is invoked with batches of the table's changes. Required.
	Function *LeastPrivilegeFunction
	// OnFailure receives the position in the stream of a batch that failed all
	// attempts, without its items. The stream keeps the items for 24 hours.
	// Required.
	OnFailure FailureDestination
	// BatchSize is the maximum number of changes in a batch, 1 to 10000. Default:
	// 100.
	BatchSize int
	// Window is how long Lambda gathers a batch, in whole seconds up to 5 minutes.
	// Default: 0, Lambda invokes at once.
	Window time.Duration
	// Attempts is how many times Lambda tries a batch in total, 1 to 10001. Later
	// changes of the same shard wait until then. Default: 4.
	Attempts int
	// ParallelizationFactor is the number of batches of one shard at a time, 1 to
	// 10. Changes of one item stay in order. Default: 1.
	ParallelizationFactor int
	// FromTrimHorizon starts with the oldest change in the stream. Default: false,
	// it starts with the changes after the deployment.
	FromTrimHorizon bool
	// Filters are patterns of which a change must match at least one. Default:
	// none, every change reaches the function.
	Filters []EventFilter
}

// NewTableStreamConsumer invokes a function's alias with the changes of a table. It
// grants the function reading the stream and reporting failures. Lambda splits a
// failed batch in two, so one bad change does not block the others. The function
// can report the failed changes (events.DynamoDBEventResponse). A response without
// failures means that all changes succeeded. NewTableStreamConsumer panics with a
// *PropsError on invalid props.
func NewTableStreamConsumer(scope constructs.Construct, id string, props *TableStreamConsumerProps) awslambda.EventSourceMapping {
	p := props.withDefaults()
	p.validate().panicIfAny("TableStreamConsumer", scope, id)

	p.Function.AllowInSeparatePolicy(p.Table.AllowStream(), p.OnFailure.grant)
	start := awslambda.StartingPosition_LATEST
	if p.FromTrimHorizon {
		start = awslambda.StartingPosition_TRIM_HORIZON
	}
	mapping := awslambda.NewEventSourceMapping(scope, jsii.String(id), &awslambda.EventSourceMappingProps{
		EventSourceArn:          p.Table.Table.TableStreamArn(),
		Target:                  p.Function.Alias,
		StartingPosition:        start,
		BatchSize:               jsii.Number(p.BatchSize),
		MaxBatchingWindow:       awscdk.Duration_Seconds(jsii.Number(p.Window.Seconds())),
		RetryAttempts:           jsii.Number(p.Attempts - 1),
		ParallelizationFactor:   jsii.Number(p.ParallelizationFactor),
		BisectBatchOnError:      jsii.Bool(true),
		ReportBatchItemFailures: jsii.Bool(true),
	})
	// CDK's own destinations would grant wildcards for a queue or topic with its
	// own key.
	var resource awslambda.CfnEventSourceMapping
	jsii.UnsafeCast(mapping.Node().DefaultChild(), &resource)
	resource.SetDestinationConfig(&awslambda.CfnEventSourceMapping_DestinationConfigProperty{
		OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: jsii.String(p.OnFailure.arn)},
	})
	if criteria := filterCriteria(p.Filters); criteria != nil {
		resource.SetFilterCriteria(criteria)
	}
	mapping.Node().AddDependency(p.Function.separatePolicy) // Lambda checks the permissions
	return mapping
}

func (p *TableStreamConsumerProps) withDefaults() TableStreamConsumerProps {
	d := valueOrZero(p)
	d.BatchSize = orDefault(d.BatchSize, 100)
	d.Attempts = orDefault(d.Attempts, 4)
	d.ParallelizationFactor = orDefault(d.ParallelizationFactor, 1)
	return d
}

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (p *TableStreamConsumerProps) validate() problems {
	var bad problems
	bad.require(p.Table != nil, "Table", "is missing; give a SecureTable with a Stream")
	if p.Table != nil {
		bad.require(p.Table.Table.TableStreamArn() != nil, "Table", "has no stream; set its Stream, or StreamARN where it is imported")
	}
	bad.require(p.Function != nil, "Function", "is missing; give the LeastPrivilegeFunction that reads the stream")
	p.OnFailure.check("OnFailure", &bad)
	bad.require(p.BatchSize >= 1 && p.BatchSize <= 10000, "BatchSize", "is %d; use 1 to 10000", p.BatchSize)
	bad.require(p.Window >= 0 && p.Window <= 5*time.Minute && p.Window%time.Second == 0, "Window",
		"is %s; use whole seconds up to 5m0s", p.Window)
	bad.require(p.Attempts >= 1 && p.Attempts <= 10001, "Attempts", "is %d; use 1 to 10001", p.Attempts)
	bad.require(p.ParallelizationFactor >= 1 && p.ParallelizationFactor <= 10, "ParallelizationFactor", "is %d; use 1 to 10", p.ParallelizationFactor)
	checkEventFilters(p.Filters, &bad)
	return bad
}
