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
	// RetentionDays is how many days events are kept. CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	RetentionDays int
	// EncryptionKey encrypts the events, for example a DataKey with KeyServiceLogs.
	// Default: none, CloudWatch Logs uses its own key.
	EncryptionKey awskms.IKey
	// Disposable deletes the events with the stack. Default: false, the events stay
	// until their retention ends.
	Disposable bool
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
var logGroupNamePattern = regexp.MustCompile(`^[A-Za-z0-9_/.#-]{1,512}$`)

// NewRetainedLogGroup makes a log group that keeps its events for a fixed time.
// CloudWatch's default keeps them for ever, and CDK can delete them with the stack.
// NewRetainedLogGroup panics with a *PropsError on invalid props.
func NewRetainedLogGroup(scope constructs.Construct, id string, props *RetainedLogGroupProps) awslogs.LogGroup {
	p := valueOrZero(props)
	p.RetentionDays = orDefault(p.RetentionDays, defaultLogRetentionDays)
	var bad problems
	bad.require(logGroupNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 512 letters, digits, and / . - _ #", p.Name)
	bad.requireRetention("RetentionDays", p.RetentionDays)
	bad.panicIfAny("RetainedLogGroup", scope, id)
	return newLogGroup(scope, id, p)
}

// newLogGroup makes a log group. Its logs outlive the stack until their retention
// ends, unless it is disposable. A rollback deletes the log group, because its name
// would block the next deployment.
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
