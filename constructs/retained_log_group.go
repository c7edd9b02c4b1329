package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RetainedLogGroupProps are the props of NewRetainedLogGroup.
type RetainedLogGroupProps struct {
	// Name is the log group's physical name, such as "/aws/http-api/shop-api".
	// Required.
	Name string
	// RetentionDays is how long events are kept; CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	RetentionDays int
	// EncryptionKey encrypts the events, for example a DataKey with
	// KeyServiceLogs. Default: none, CloudWatch Logs encrypts with a key of its
	// own.
	EncryptionKey awskms.IKey
	// Disposable lets the events go with the stack. Default: false, they stay
	// until their retention ends.
	Disposable bool
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
var logGroupNamePattern = regexp.MustCompile(`^[A-Za-z0-9_/.#-]{1,512}$`)

// NewRetainedLogGroup makes a log group that keeps its events for a stated
// time: neither for ever, as CloudWatch does unasked, nor only as long as its
// stack. It panics with a *PropsError on invalid props.
func NewRetainedLogGroup(scope constructs.Construct, id string, props *RetainedLogGroupProps) awslogs.LogGroup {
	p := valueOrZero(props)
	p.RetentionDays = orDefault(p.RetentionDays, defaultLogRetentionDays)
	var bad problems
	bad.require(logGroupNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 512 letters, digits, and / . - _ #", p.Name)
	bad.requireRetention("RetentionDays", p.RetentionDays)
	bad.panicIfAny("RetainedLogGroup", scope, id)
	return newLogGroup(scope, id, p)
}

// newLogGroup makes a log group whose logs outlive the stack for as long as
// their retention unless disposable. One left by a deployment that was rolled
// back goes, or its name would stand in the way of the next.
func newLogGroup(scope constructs.Construct, id string, p RetainedLogGroupProps) awslogs.LogGroup {
	removal := awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	if p.Disposable {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	return awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String(p.Name),
		Retention:     retentionDays[p.RetentionDays],
		EncryptionKey: p.EncryptionKey,
		RemovalPolicy: removal,
	})
}
