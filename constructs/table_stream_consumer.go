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
	// OnFailure takes the place in the stream, not the items, of a batch that
	// failed to the end; the stream keeps it for 24 hours. Required.
	OnFailure FailureDestination
	// BatchSize is the most changes in a batch, 1 to 10000. Default: 100.
	BatchSize int
	// Window is how long Lambda gathers a batch, in whole seconds up to 5
	// minutes. Default: 0, it invokes at once.
	Window time.Duration
	// Attempts is how often a batch is tried in all, 1 to 10001. Until then all
	// later changes of its shard wait. Default: 4.
	Attempts int
	// ParallelizationFactor is the number of batches of one shard at a time, 1 to 10; the
	// changes of one item stay in order. Default: 1.
	ParallelizationFactor int
	// FromTrimHorizon begins with what the stream still holds. Default: false, it
	// begins with the changes after the deployment.
	FromTrimHorizon bool
	// Filters are the patterns of which a change must match one. Default: none, every
	// change reaches the function.
	Filters []EventFilter
}

// NewTableStreamConsumer invokes a function's alias with the changes of a table.
// It gives the function the right to read the stream and to report failures. A
// batch that fails is split in two, so that one bad change does not hold up the
// others, and the function may answer which changes failed
// (events.DynamoDBEventResponse); answering nothing means that all went well.
// It panics with a *PropsError on invalid props.
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
	// CDK's own destinations would grant wildcards where the queue or topic has
	// a key of its own.
	var resource awslambda.CfnEventSourceMapping
	jsii.UnsafeCast(mapping.Node().DefaultChild(), &resource)
	resource.SetDestinationConfig(&awslambda.CfnEventSourceMapping_DestinationConfigProperty{
		OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: jsii.String(p.OnFailure.arn)},
	})
	if criteria := filterCriteria(p.Filters); criteria != nil {
		resource.SetFilterCriteria(criteria)
	}
	mapping.Node().AddDependency(p.Function.separatePolicy) // Lambda checks the rights
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
