package constructs

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LiveAlias is the name of the alias that every caller invokes.
const LiveAlias = "live"

// AliasOwner says who decides which version the alias "live" invokes.
type AliasOwner string

// The owners of aliases.
const (
	// OwnedByStack has CloudFormation point the alias at the function's new version in
	// each deployment.
	OwnedByStack AliasOwner = ""
	// OwnedByRelease has CloudFormation publish a version in each deployment that changes
	// the function, and keep the versions. It creates the alias for $LATEST and never
	// updates it. A command moves the aliases of all functions together, with UpdateAlias.
	OwnedByRelease AliasOwner = "release"
)

// Architecture is the instruction set a function runs on.
type Architecture string

// The architectures Lambda has.
const (
	// ARM64 costs a fifth less per millisecond than X8664.
	// https://aws.amazon.com/lambda/pricing/
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// LogLevel is the minimum level of the function's own log lines. The function reads
// it from AWS_LAMBDA_LOG_LEVEL.
type LogLevel string

// The levels Lambda knows.
const (
	LogTrace LogLevel = "TRACE"
	LogDebug LogLevel = "DEBUG"
	LogInfo  LogLevel = "INFO"
	LogWarn  LogLevel = "WARN"
	LogError LogLevel = "ERROR"
	LogFatal LogLevel = "FATAL"
)

// FunctionNetwork places a function in a VPC.
type FunctionNetwork struct {
	// Vpc is the VPC. Required.
	Vpc awsec2.IVpc
	// Subnets are the subnets. Public subnets are refused, because a function gets
	// no public IP address there. Required.
	Subnets *awsec2.SubnetSelection
	// SecurityGroups are the function's security groups. CDK's own group would
	// allow all outgoing connections. Required.
	SecurityGroups []awsec2.ISecurityGroup
	// IPv6 lets the function use IPv6 in subnets that have it. Default: false.
	IPv6 bool
}

// LeastPrivilegeFunctionProps are the props of NewLeastPrivilegeFunction.
type LeastPrivilegeFunctionProps struct {
	// Name is the function's physical name; its log group is
	// /aws/lambda/<Name>. 1 to 64 letters, digits, and - _. Required.
	Name string
	// Description is the function's description, at most 256 characters. Default:
	// none.
	Description string
	// Code is the function's code: a GoBundle, or a BootstrapFolder that another
	// tool built. Required.
	Code FunctionCode
	// Handler is the value of _HANDLER, by which one binary can serve several
	// functions. Default: Name.
	Handler string
	// Grants are the function's permissions beside writing its own logs and traces.
	// Default: none.
	Grants []Grant
	// PermissionsBoundary is a managed policy that limits the role, whatever is
	// granted. Default: none.
	PermissionsBoundary awsiam.IManagedPolicy
	// RoleName is the role's physical name. Policies that name the role as text
	// need it, such as the policy for an AppSecret's Readers. Default: none,
	// CloudFormation generates a name.
	RoleName string
	// Architecture is the instruction set. Default: ARM64.
	Architecture Architecture
	// MemoryMB is the memory in MB, 128 to 10240. CPU grows with the memory.
	// Default: 256.
	MemoryMB int
	// Timeout is the maximum duration of an invocation, in whole seconds up to 15
	// minutes. Default: 10 seconds.
	Timeout time.Duration
	// ReservedConcurrency reserves this many concurrent executions and is also the
	// function's maximum. Default: 0, the function shares the account's
	// concurrency.
	ReservedConcurrency int
	// ProvisionedConcurrency keeps this many execution environments of the alias
	// initialized, which avoids cold starts. AWS charges for them by the hour. It
	// counts towards ReservedConcurrency and cannot exceed it. Default: 0.
	ProvisionedConcurrency int
	// AliasOwner says who decides which version the alias invokes. OwnedByRelease excludes
	// ProvisionedConcurrency: Lambda refuses it for $LATEST, and CloudFormation would reset
	// the alias when the number changes. Default: OwnedByStack.
	AliasOwner AliasOwner
	// EphemeralStorageMB is the size of /tmp in MB, 512 to 10240. Default: 512,
	// which is free.
	EphemeralStorageMB int
	// Async says how Lambda handles asynchronous events. Default: none, Lambda
	// tries an event three times within six hours and then drops it.
	Async *AsyncInvocation
	// Environment holds the environment variables, at most 4 KB. Names that Lambda
	// reserves and values that are secrets are refused. Put secrets into an
	// AppSecret. Default: empty.
	Environment map[string]string
	// LogLevel is the minimum level of log lines. Default: LogInfo.
	LogLevel LogLevel
	// LogRetentionDays is how many days logs are kept. CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the logs, for example a DataKey with KeyServiceLogs. Default:
	// none, CloudWatch Logs uses its own key.
	LogKey awskms.IKey
	// Network places the function in a VPC. Default: none, it runs in Lambda's
	// own network.
	Network *FunctionNetwork
	// AllowSpans lets the function's own code send spans to X-Ray's OTLP endpoint,
	// beside the segments that Lambda records. Default: false.
	AllowSpans bool
	// Disposable deletes the logs with the stack. Default: false, the logs stay
	// until their retention ends.
	Disposable bool
}

// LeastPrivilegeFunction is a Lambda function on provided.al2023 with its own role.
// The role holds the function's grants and nothing else: no managed policy, and no
// wildcards except ExplainedWildcards. The function logs JSON to a log group with a
// retention and is traced. Callers invoke it through the alias "live".
//
// The role is guarded: synthesis checks all permissions that are attached to it
// later, in this stack or another stack of the app.
type LeastPrivilegeFunction struct {
	constructs.Construct
	// Function is the Lambda function. Callers must invoke Alias.
	Function awslambda.Function
	// Alias is the alias "live", for routes, rules and other callers. AliasOwner decides
	// which version it invokes.
	Alias awslambda.Alias
	// Role is the execution role. Give it permissions with Grants or
	// AllowInSeparatePolicy.
	Role awsiam.Role
	// LogGroup holds the function's logs.
	LogGroup awslogs.LogGroup

	roleName       string
	separatePolicy awsiam.Policy
	separateSids   sidCount
}

// NewLeastPrivilegeFunction makes a LeastPrivilegeFunction, and builds its code if
// that is a GoBundle. It panics with a *PropsError on invalid props and on code
// that does not build.
func NewLeastPrivilegeFunction(scope constructs.Construct, id string, props *LeastPrivilegeFunctionProps) *LeastPrivilegeFunction {
	p := props.withDefaults()
	bad := p.validate()
	folder := p.codeFolder(&bad)
	bad.panicIfAny("LeastPrivilegeFunction", scope, id)

	f := &LeastPrivilegeFunction{roleName: p.RoleName, separateSids: sidCount{}}
	constructs.NewConstruct_Override(f, scope, jsii.String(id))
	f.LogGroup = newLogGroup(f, "LogGroup", RetainedLogGroupProps{
		Name:          logGroupName(p.Name),
		RetentionDays: p.LogRetentionDays,
		EncryptionKey: p.LogKey,
		Disposable:    p.Disposable,
	})
	f.Role = newFunctionRole(f, p)
	f.Function = awslambda.NewFunction(f, jsii.String("Function"), p.functionProps(f, folder))
	f.enableTracing()
	guardEnvironment(f.Function)
	f.Alias = awslambda.NewAlias(f, jsii.String("Live"), p.aliasProps(f.Function))
	if p.Async != nil {
		p.Async.configure(f)
	}
	return f
}

// AllowInvoke grants invoking the function through its alias.
func (f *LeastPrivilegeFunction) AllowInvoke() Grant {
	return AllowActions(sidOf(f, "Invoke"), []string{"lambda:InvokeFunction"}, *f.Alias.FunctionArn())
}

// AllowInSeparatePolicy grants permissions on resources that refer to the function,
// such as a user pool that triggers it. The function does not depend on this
// policy, so there is no dependency cycle.
func (f *LeastPrivilegeFunction) AllowInSeparatePolicy(grants ...Grant) {
	var bad problems
	checkGrants(grants, &bad)
	bad.panicIfAny("LeastPrivilegeFunction.AllowInSeparatePolicy", f, "")
	if f.separatePolicy == nil {
		f.separatePolicy = awsiam.NewPolicy(f, jsii.String("LatePolicy"), &awsiam.PolicyProps{
			Roles: &[]awsiam.IRole{f.Role},
		})
	}
	f.separatePolicy.AddStatements(*policyStatements(f.separateSids.merge(grants))...)
}

// aliasProps returns the props of the alias "live". Reading CurrentVersion adds the
// version to the template. With OwnedByRelease no property of the alias may ever change:
// CloudFormation would then point it at $LATEST again (docs/decisions/0024).
func (p *LeastPrivilegeFunctionProps) aliasProps(function awslambda.Function) *awslambda.AliasProps {
	alias := &awslambda.AliasProps{AliasName: jsii.String(LiveAlias), Version: function.CurrentVersion()}
	if p.AliasOwner == OwnedByRelease {
		alias.Version = function.LatestVersion()
	}
	if p.ProvisionedConcurrency > 0 {
		alias.ProvisionedConcurrentExecutions = jsii.Number(p.ProvisionedConcurrency)
	}
	return alias
}

// enableTracing turns on active tracing. CDK's own prop would also add a policy
// beside the role's own.
func (f *LeastPrivilegeFunction) enableTracing() {
	var cfn awslambda.CfnFunction
	jsii.UnsafeCast(f.Function.Node().DefaultChild(), &cfn)
	cfn.SetTracingConfig(&awslambda.CfnFunction_TracingConfigProperty{Mode: jsii.String("Active")})
}

func (p *LeastPrivilegeFunctionProps) functionProps(f *LeastPrivilegeFunction, folder string) *awslambda.FunctionProps {
	environment := map[string]*string{}
	for name, value := range p.Environment {
		environment[name] = jsii.String(value)
	}
	architecture := awslambda.Architecture_ARM_64()
	if p.Architecture == X8664 {
		architecture = awslambda.Architecture_X86_64()
	}
	props := &awslambda.FunctionProps{
		FunctionName:          jsii.String(p.Name),
		Description:           stringOrNil(p.Description),
		Code:                  awslambda.Code_FromAsset(jsii.String(folder), nil),
		Handler:               jsii.String(p.Handler),
		Runtime:               awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:          architecture,
		MemorySize:            jsii.Number(p.MemoryMB),
		Timeout:               awscdk.Duration_Seconds(jsii.Number(p.Timeout.Seconds())),
		Environment:           &environment,
		Role:                  f.Role,
		LogGroup:              f.LogGroup,
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel(p.LogLevel),
	}
	if p.EphemeralStorageMB != minEphemeralStorageMB {
		props.EphemeralStorageSize = awscdk.Size_Mebibytes(jsii.Number(p.EphemeralStorageMB))
	}
	if p.AliasOwner == OwnedByRelease {
		// A version of a deployment that is rolled back is deleted: it was never live, and it
		// would stop the next deployment of the same code.
		props.CurrentVersionOptions = &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE}
	}
	if p.ReservedConcurrency > 0 {
		props.ReservedConcurrentExecutions = jsii.Number(p.ReservedConcurrency)
	}
	if p.Network != nil {
		props.Vpc = p.Network.Vpc
		props.VpcSubnets = p.Network.Subnets
		props.SecurityGroups = &p.Network.SecurityGroups
		props.Ipv6AllowedForDualStack = jsii.Bool(p.Network.IPv6)
	}
	return props
}

func logGroupName(function string) string { return "/aws/lambda/" + function }
