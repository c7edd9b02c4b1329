package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// SecretRotationProps are the props of NewSecretRotation.
type SecretRotationProps struct {
	// Secret is rotated. Required.
	Secret *AppSecret
	// Function performs the four steps of a rotation: createSecret, setSecret,
	// testSecret, finishSecret. If the secret has Readers, they must include the
	// function's RoleName. Required.
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
	Function *LeastPrivilegeFunction
	// AutomaticallyAfterDays is the number of days between rotations, 1 to 1000. Default: 30.
	AutomaticallyAfterDays int
	// RotateImmediately also rotates at the first deployment, and at each
	// deployment that changes the rotation. Default: false, the first rotation
	// follows the schedule, so it cannot fail a deployment.
	RotateImmediately bool
}

// NewSecretRotation makes Secrets Manager rotate a secret with a function. It lets
// the service invoke the function for this secret only, grants the function
// AllowRotate, and sets the schedule. Make it in the function's stack or in a later
// one. It panics with a *PropsError on invalid props.
//
// The schedule names the function itself, because AWS does not document an alias
// here. CDK's own RotationSchedule lets Secrets Manager invoke the function for any
// secret, and writes wildcards into the function's role.
func NewSecretRotation(scope constructs.Construct, id string, props *SecretRotationProps) awssecretsmanager.CfnRotationSchedule {
	p := valueOrZero(props)
	p.AutomaticallyAfterDays = orDefault(p.AutomaticallyAfterDays, 30)
	p.validate().panicIfAny("SecretRotation", scope, id)

	p.Secret.hasRotation = true
	f := p.Function
	// CDK's AddPermission would warn that the permission does not cover an alias.
	// The rotation does not use one.
	permission := awslambda.NewCfnPermission(f, jsii.String(derivedID("RotationOf", *p.Secret.Node().Path())), &awslambda.CfnPermissionProps{
		Action:        jsii.String("lambda:InvokeFunction"),
		FunctionName:  f.Function.FunctionArn(),
		Principal:     jsii.String("secretsmanager.amazonaws.com"),
		SourceAccount: awscdk.Stack_Of(f).Account(),
		SourceArn:     jsii.String(p.Secret.ARN()),
	})
	f.AllowInSeparatePolicy(p.Secret.AllowRotate())
	schedule := awssecretsmanager.NewCfnRotationSchedule(scope, jsii.String(id), &awssecretsmanager.CfnRotationScheduleProps{
		SecretId:                  jsii.String(p.Secret.ARN()),
		RotationLambdaArn:         f.Function.FunctionArn(),
		RotateImmediatelyOnUpdate: jsii.Bool(p.RotateImmediately),
		RotationRules: &awssecretsmanager.CfnRotationSchedule_RotationRulesProperty{
			AutomaticallyAfterDays: jsii.Number(p.AutomaticallyAfterDays),
		},
	})
	// Secrets Manager invokes the function when it creates the schedule.
	schedule.Node().AddDependency(f.separatePolicy, permission)
	return schedule
}

// AllowRotate grants the calls of a rotation's four steps, on this secret only.
// NewSecretRotation grants it to the function. AllowRotate leaves out
// GetRandomPassword, because IAM cannot limit it to a secret. Generate new random
// values with crypto/rand.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
func (s *AppSecret) AllowRotate() Grant {
	return secretGrant(s, "Rotate", s.ARN(), s.encryptionKey, []string{
		"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
		"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
	}, Decrypt, GenerateDataKey)
}

func (p *SecretRotationProps) validate() problems {
	var bad problems
	bad.require(p.Secret != nil, "Secret", "is missing; give the AppSecret to rotate")
	bad.require(p.Secret == nil || !p.Secret.hasRotation, "Secret", "is rotated already, and a secret has one rotation; remove one")
	bad.require(p.Function != nil, "Function", "is missing; give the LeastPrivilegeFunction that does the steps")
	if p.Secret != nil && p.Function != nil {
		bad.require(len(p.Secret.readers) == 0 || oneOf(p.Function.roleName, p.Secret.readers...), "Function",
			"may not read the secret; give it a RoleName, and add that to the secret's Readers")
		bad.require(!inDifferentRegions(p.Secret, p.Function), "Function", "is in %s and the secret in %s, and Secrets Manager calls functions of its own region only; "+
			"make it there", regionOf(p.Function), regionOf(p.Secret))
	}
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
	bad.require(p.AutomaticallyAfterDays >= 1 && p.AutomaticallyAfterDays <= 1000, "AutomaticallyAfterDays", "is %d; use 1 to 1000", p.AutomaticallyAfterDays)
	return bad
}
