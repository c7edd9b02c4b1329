package constructs

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var rolePathPattern = regexp.MustCompile(`^([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}$`)

// readersSize returns the approximate length of the policy that names the readers.
func (p *AppSecretProps) readersSize() int {
	const frame, arn = 350, len(`"arn:aws-us-gov:iam::111122223333:role/",`)
	size := frame
	for _, reader := range p.Readers {
		size += arn + len(reader)
	}
	return size
}

// denyOtherReaders denies the value to all principals except the readers. It names
// the readers as text, because a reference to a function's role would make a
// dependency cycle: the function's stack depends on the secret's stack. The
// condition uses aws:PrincipalArn, which for a session is the ARN of its role. The
// root user is excepted, so that an operator can repair a wrong policy. CDK's own
// ResourcePolicy would not have Secrets Manager check that the policy is not
// public.
func (s *AppSecret) denyOtherReaders(disposable bool) {
	stack := awscdk.Stack_Of(s)
	arns := []string{fmt.Sprintf("arn:%s:iam::%s:root", *stack.Partition(), *stack.Account())}
	for _, reader := range s.readers {
		arns = append(arns, fmt.Sprintf("arn:%s:iam::%s:role/%s", *stack.Partition(), *stack.Account(), reader))
	}
	deny := awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("OnlyNamedReaders"),
		Effect:     awsiam.Effect_DENY,
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings("secretsmanager:GetSecretValue"),
		Resources:  jsii.Strings("*"), // in a secret's policy: this secret
		Conditions: &map[string]any{"ArnNotEquals": map[string]any{"aws:PrincipalArn": arns}},
	})
	policy := awssecretsmanager.NewCfnResourcePolicy(s, jsii.String("Readers"), &awssecretsmanager.CfnResourcePolicyProps{
		SecretId:          s.Resource.Ref(),
		BlockPublicPolicy: jsii.Bool(true),
		ResourcePolicy:    awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{deny}}),
	})
	policy.ApplyRemovalPolicy(removalPolicy(disposable), nil) // retained as long as the secret
}
