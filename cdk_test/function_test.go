package cdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func eachFunction(t *testing.T, test func(t *testing.T, s stage, f *function.Function, built resource)) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, domain := range lambdas.Domains() {
			for _, f := range domain.Functions {
				test(t, s, f, s.named(t, "AWS::Lambda::Function", "FunctionName", s.config.PhysicalName(f.Name)))
			}
		}
	})
}

func TestFunctions_MatchDeclarations(t *testing.T) {
	declared := 0
	for _, domain := range lambdas.Domains() {
		declared += len(domain.Functions)
	}
	eachStage(t, func(t *testing.T, s stage) {
		if built := len(s.ofType("AWS::Lambda::Function")); built != declared {
			t.Errorf("%d functions are built, %d declared", built, declared)
		}
	})
}

func TestFunctions_HaveOwnRoleTracingAndAlias(t *testing.T) {
	roles := map[string]string{}
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		role := s.config.Stage + text(built.Properties["Role"])
		if other, shared := roles[role]; shared {
			t.Errorf("%s and %s share a role", f.Name, other)
		}
		roles[role] = f.Name
		if tracing := text(built.Properties["TracingConfig"]); tracing != `{"Mode":"Active"}` {
			t.Errorf("%s: tracing is %s", f.Name, tracing)
		}
		if built.Properties["Handler"] != f.Name || built.Properties["Runtime"] != "provided.al2023" {
			t.Errorf("%s runs %v on %v", f.Name, built.Properties["Handler"], built.Properties["Runtime"])
		}
	})
	eachStage(t, func(t *testing.T, s stage) {
		aliases, functions := s.ofType("AWS::Lambda::Alias"), s.ofType("AWS::Lambda::Function")
		if len(aliases) != len(functions) {
			t.Errorf("%d aliases for %d functions", len(aliases), len(functions))
		}
	})
}

// A function fails at its start if a variable is missing.
func TestFunctions_HaveDeclaredVariables(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		environment, _ := built.Properties["Environment"].(map[string]any)
		variables, _ := environment["Variables"].(map[string]any)
		for _, name := range f.Variables() {
			if variables[name] == nil || variables[name] == "" {
				t.Errorf("%s lacks %s", f.Name, name)
			}
		}
	})
}

func TestFunctions_WithRoutesBehindEdge_ReadOriginSecret(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		environment, _ := built.Properties["Environment"].(map[string]any)
		variables, _ := environment["Variables"].(map[string]any)
		secret := text(variables[function.OriginSecretVariable])
		if len(f.Routes) == 0 {
			if secret != "null" {
				t.Errorf("%s needs no proof of origin and has %s", f.Name, secret)
			}
			return
		}
		if !strings.Contains(secret, "OriginGuard") {
			t.Errorf("%s has the origin secret %s", f.Name, secret)
		}
		for _, statement := range s.statements(built) {
			if slices.Contains(actionsOf(statement), "secretsmanager:GetSecretValue") && text(statement["Resource"]) == secret {
				return
			}
		}
		t.Errorf("%s may not read the origin secret", f.Name)
	})
}

// AWS Backup and AWS Config need the policies that AWS keeps up to date for them.
func TestRoles_HaveNoManagedPolicyExceptOfTheirService(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.some(t, "AWS::IAM::Role") {
			trusted := text(r.Properties["AssumeRolePolicyDocument"])
			ofService := strings.Contains(trusted, `"backup.amazonaws.com"`) || strings.Contains(trusted, `"config.amazonaws.com"`)
			if r.Properties["ManagedPolicyArns"] != nil && !ofService {
				t.Errorf("%s has %s", id, text(r.Properties["ManagedPolicyArns"]))
			}
		}
	})
}

// ownActions are the actions that every function may call for its own log and traces.
var ownActions = []string{"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}

// networkActions are the actions by which Lambda connects a function to its VPC.
var networkActions = []string{
	"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
	"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
}

// rotationActions are the actions that a function may call on a secret that it rotates
// and on the secret's key.
var rotationActions = []string{
	"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
	"secretsmanager:UpdateSecretVersionStage", "kms:Decrypt", "kms:GenerateDataKey",
}

// bucketActions are what each operation on objects takes, with the bucket's key for it.
var bucketActions = map[buckets.Operation][]string{
	buckets.Read:   {"s3:GetObject", "kms:Decrypt"},
	buckets.Write:  {"s3:PutObject", "s3:AbortMultipartUpload", "kms:GenerateDataKey", "kms:Decrypt"},
	buckets.Delete: {"s3:DeleteObject"},
}

// sourceActions are what an event's source takes: of a queue and of a stream with the
// dead letters of the stream.
func sourceActions(event function.Event) []string {
	switch {
	case event.Rotates != nil:
		return rotationActions
	case event.Topic != nil, event.Queue != nil, event.Uploads != nil:
		return []string{"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "kms:Decrypt"}
	case event.Changes != nil:
		return []string{
			"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
			"sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey",
		}
	}
	return nil
}

func TestRoles_AllowDeclaredActionsOnly(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		want := slices.Clone(ownActions)
		if s.config.Traces.XRay() {
			want = append(want, "xray:PutSpans", "xray:PutSpansForIndexing")
		}
		if s.config.Controls.Network.InVPC() {
			want = append(want, networkActions...)
		}
		for _, grant := range f.Permissions.Tables {
			for _, operation := range grant.Operations {
				want = append(want, fmt.Sprintf("dynamodb:%s", operation))
			}
		}
		for _, grant := range f.Permissions.Keys {
			for _, operation := range grant.Operations {
				want = append(want, fmt.Sprintf("kms:%s", operation))
			}
		}
		for range f.Permissions.Secrets {
			want = append(want, "secretsmanager:GetSecretValue", "kms:Decrypt")
		}
		for _, event := range f.Events {
			want = append(want, sourceActions(event)...)
		}
		for _, grant := range f.Permissions.Buckets {
			for _, operation := range grant.Operations {
				want = append(want, bucketActions[operation]...)
			}
		}
		for range f.Permissions.Publishes {
			want = append(want, "sns:Publish", "kms:Decrypt", "kms:GenerateDataKey")
		}
		for range f.Permissions.Sends {
			want = append(want, "sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey")
		}
		for _, operation := range f.Permissions.UserPool {
			want = append(want, fmt.Sprintf("cognito-idp:%s", operation))
		}
		if f.Permissions.SendEmail {
			want = append(want, "ses:SendEmail")
		}
		if len(f.Routes) > 0 {
			want = append(want, "secretsmanager:GetSecretValue", "kms:Decrypt") // of the secret that the edge sends
			if s.config.API.Edge.HasForwarder() {
				want = append(want, "secretsmanager:GetSecretValue", "kms:Decrypt")
			}
		}
		got := s.allowedActions(built)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s may\n%v, declared are\n%v", f.Name, got, want)
		}
	})
}

// allowedActions returns every action of every policy of the function's role.
func (s stage) allowedActions(f resource) []string {
	var actions []string
	for _, statement := range s.statements(f) {
		if statement["Effect"] == "Allow" {
			actions = append(actions, actionsOf(statement)...)
		}
	}
	return actions
}

// statements returns every statement of every policy of the function's role.
func (s stage) statements(f resource) []map[string]any {
	reference, _ := f.Properties["Role"].(map[string]any)["Fn::GetAtt"].([]any)
	roleID, _ := reference[0].(string)
	var all []map[string]any
	collect := func(document any) {
		statements, _ := document.(map[string]any)["Statement"].([]any)
		for _, statement := range statements {
			all = append(all, statement.(map[string]any))
		}
	}
	for _, template := range s.templates {
		if role, ok := template.Resources[roleID]; ok {
			policies, _ := role.Properties["Policies"].([]any)
			for _, policy := range policies {
				collect(policy.(map[string]any)["PolicyDocument"])
			}
		}
		for _, r := range template.Resources {
			if strings.HasSuffix(r.Type, "Policy") && strings.Contains(text(r.Properties["Roles"]), `"`+roleID+`"`) {
				collect(r.Properties["PolicyDocument"])
			}
		}
	}
	return all
}

// actionsOf returns the actions of a statement.
func actionsOf(statement map[string]any) []string {
	if action, is := statement["Action"].(string); is {
		return []string{action}
	}
	list, _ := statement["Action"].([]any)
	actions := make([]string, len(list))
	for i, action := range list {
		actions[i], _ = action.(string)
	}
	return actions
}

func TestLogGroups_HaveRetention(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		groups := s.ofType("AWS::Logs::LogGroup")
		if len(groups) <= len(s.ofType("AWS::Lambda::Function")) {
			t.Errorf("%d log groups for the functions and the API", len(groups))
		}
		for id, r := range groups {
			if r.Properties["RetentionInDays"] != float64(s.config.Logs.RetentionDays) {
				t.Errorf("%s keeps its events %v days", id, r.Properties["RetentionInDays"])
			}
		}
	})
}
