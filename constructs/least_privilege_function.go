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

// LiveAlias is the name of the alias every caller invokes.
const LiveAlias = "live"

// Architecture is the instruction set a function runs on.
type Architecture string

// The architectures Lambda has.
const (
	// ARM64 is a fifth cheaper than X8664 per millisecond.
	// https://aws.amazon.com/lambda/pricing/
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// LogLevel is the least level of the function's own log lines that is kept; it
// reaches the process as AWS_LAMBDA_LOG_LEVEL.
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
	// Subnets are the subnets; public ones are refused, since a function gets
	// no public address there. Required.
	Subnets *awsec2.SubnetSelection
	// SecurityGroups decide where the function may connect to. Required: the
	// group CDK would make allows everything out.
	SecurityGroups []awsec2.ISecurityGroup
	// IPv6 lets the function use IPv6 in subnets that have it. Default: false.
	IPv6 bool
}

// LeastPrivilegeFunctionProps are the props of NewLeastPrivilegeFunction.
type LeastPrivilegeFunctionProps struct {
	// Name is the function's physical name; its log group is
	// /aws/lambda/<Name>. 1 to 64 letters, digits, and - _. Required.
	Name string
	// Description is shown beside the function, at most 256 characters.
	// Default: none.
	Description string
	// Code is what runs: a GoBundle, or a BootstrapFolder built elsewhere.
	// Required.
	Code FunctionCode
	// Handler reaches the process as _HANDLER, so that one binary can serve
	// several functions. Default: Name.
	Handler string
	// Grants are all the function may do beyond writing its own logs and
	// traces. Default: none.
	Grants []Grant
	// PermissionsBoundary is a managed policy that caps what the role can do,
	// whatever is granted. Default: none.
	PermissionsBoundary awsiam.IManagedPolicy
	// RoleName is the role's physical name, for policies that name the role as
	// plain text, such as an AppSecret's Readers. Default: none, CloudFormation
	// makes one up.
	RoleName string
	// Architecture is the instruction set. Default: ARM64.
	Architecture Architecture
	// MemoryMB is the memory in MB, 128 to 10240; CPU comes in proportion.
	// Default: 256.
	MemoryMB int
	// Timeout is when Lambda ends an invocation, in whole seconds up to 15
	// minutes. Default: 10 seconds.
	Timeout time.Duration
	// ReservedConcurrency keeps this many concurrent executions for the
	// function and caps it there. Default: 0, it shares the account's.
	ReservedConcurrency int
	// ProvisionedConcurrency keeps this many execution environments of the alias
	// started, so that they never start cold; they are charged by the hour. It
	// counts towards ReservedConcurrency and cannot exceed it. Default: 0.
	ProvisionedConcurrency int
	// EphemeralStorageMB is the size of /tmp, 512 to 10240. Default: 512, which
	// costs nothing.
	EphemeralStorageMB int
	// Async says what becomes of events that callers do not wait for. Default:
	// none, Lambda tries an event three times within six hours and then forgets
	// it.
	Async *AsyncInvocation
	// Environment is the process's environment, at most 4 KB. Names Lambda owns
	// are refused, and values that are secrets, which belong in an AppSecret.
	// Default: empty.
	Environment map[string]string
	// LogLevel is the least level kept. Default: LogInfo.
	LogLevel LogLevel
	// LogRetentionDays is how long logs are kept; CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the logs, for example a DataKey with KeyServiceLogs.
	// Default: none, CloudWatch Logs encrypts with a key of its own.
	LogKey awskms.IKey
	// Network places the function in a VPC. Default: none, it runs in Lambda's
	// own network.
	Network *FunctionNetwork
	// AllowSpans lets the function's own code send spans to X-Ray's OTLP endpoint,
	// beside the segments that Lambda records. Default: false.
	AllowSpans bool
	// Disposable lets the logs go with the stack. Default: false, they stay
	// until their retention ends.
	Disposable bool
}

// LeastPrivilegeFunction is a Lambda function on provided.al2023 with a role of
// its own that holds its grants and nothing else: no managed policy, no
// wildcard but those of ExplainedWildcards. It logs JSON to a log group with a
// retention, is traced, and is invoked through the alias "live".
//
// The role is guarded: whatever is attached to it later, here or in another
// stack of the app, is held to the same rule when the app is synthesized.
type LeastPrivilegeFunction struct {
	constructs.Construct
	// Function is the Lambda function. Invoke Alias rather than this.
	Function awslambda.Function
	// Alias is the alias "live" of the current version: what routes, rules and
	// other callers invoke.
	Alias awslambda.Alias
	// Role is the execution role. Give rights by Grants or AllowInSeparatePolicy.
	Role awsiam.Role
	// LogGroup holds the function's logs.
	LogGroup awslogs.LogGroup

	roleName       string
	separatePolicy awsiam.Policy
	separateSids   sidCount
}

// NewLeastPrivilegeFunction makes a LeastPrivilegeFunction. It builds the code
// where that is a GoBundle. It panics with a *PropsError on invalid props, which
// includes code that does not build.
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
	alias := &awslambda.AliasProps{AliasName: jsii.String(LiveAlias), Version: f.Function.CurrentVersion()}
	if p.ProvisionedConcurrency > 0 {
		alias.ProvisionedConcurrentExecutions = jsii.Number(p.ProvisionedConcurrency)
	}
	f.Alias = awslambda.NewAlias(f, jsii.String("Live"), alias)
	if p.Async != nil {
		p.Async.configure(f)
	}
	return f
}

// AllowInvoke grants invoking the function through its alias.
func (f *LeastPrivilegeFunction) AllowInvoke() Grant {
	return AllowActions(sidOf(f, "Invoke"), []string{"lambda:InvokeFunction"}, *f.Alias.FunctionArn())
}

// AllowInSeparatePolicy gives rights on resources that themselves refer to the function,
// such as a user pool that the function is a trigger of. They stand in a policy
// of their own which the function does not wait for, so that there is no cycle.
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

// enableTracing turns on active tracing. CDK's own prop would also write a policy of
// its own beside the role's.
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
