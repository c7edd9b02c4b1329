package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// authorizationLog checks least privilege. IAM denied no call of a function, and each
// function used every permission that it declares. What the runtime needs for every
// function, such as to undo a request that failed, one function shows for all: a route
// that cannot fail never uses it.
func authorizationLog(t *testing.T) {
	decisions, err := stage.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	used := map[grant]bool{}
	for _, decision := range decisions {
		if !decision.Allowed() {
			t.Errorf("denied: %s may not %s on %s (%s)", decision.Principal, decision.Action, decision.Resource, decision.Reason)
		}
		// The session of a function's role has the function's name.
		function := decision.Principal[strings.LastIndex(decision.Principal, "/")+1:]
		used[grant{function, decision.Action, resourceOf(decision.Resource)}] = true
	}
	runtimeGrants := map[grant]bool{} // whether any function used them
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, secret := range originSecrets(cfg, f) {
				if !used[grant{cfg.PhysicalName(f.Name), "secretsmanager:GetSecretValue", secret}] {
					t.Errorf("unused: %s may read %s and never did", f.Name, secret)
				}
			}
			declared := grants(cfg, f, f.Declared)
			for _, granted := range declared {
				if !used[granted] {
					t.Errorf("unused: %s is granted %s %s and never called it", f.Name, granted.action, granted.resource)
				}
			}
			for _, granted := range grants(cfg, f, f.Permissions) {
				if !slices.Contains(declared, granted) {
					ofRuntime := grant{"", granted.action, granted.resource}
					runtimeGrants[ofRuntime] = runtimeGrants[ofRuntime] || used[granted]
				}
			}
		}
	}
	for granted, isUsed := range runtimeGrants {
		if !isUsed {
			t.Errorf("unused: the runtime gives functions %s %s, and no function called it", granted.action, granted.resource)
		}
	}
}

// originSecrets returns the secrets that the stacks let every function with routes read.
func originSecrets(cfg config.Config, f *function.Function) []string {
	if len(f.Routes) == 0 {
		return nil
	}
	return []string{"expenzez/" + cfg.Stage + "/origin", "expenzez/" + cfg.Stage + "/forwarder"}
}

// grant is one action that a function may call on one table, stream, topic, queue or
// secret. If resource is empty, the action is on a key or has only one possible
// resource.
type grant struct{ function, action, resource string }

// resourceOf returns the table, topic, queue or secret that an ARN names. The name of a
// table's stream has a time, which is cut off. Secrets Manager appends a hyphen and six
// characters to the name.
func resourceOf(arn string) string {
	if _, table, is := strings.Cut(arn, ":table/"); is {
		if name, _, is := strings.Cut(table, "/stream/"); is {
			return streamOf(name)
		}
		return table
	}
	if strings.HasPrefix(arn, "arn:aws:sqs:") || strings.HasPrefix(arn, "arn:aws:sns:") {
		return arn[strings.LastIndex(arn, ":")+1:]
	}
	_, secret, _ := strings.Cut(arn, ":secret:")
	return secret[:max(0, len(secret)-len("-xxxxxx"))]
}

func grants(cfg config.Config, f *function.Function, permissions function.Permissions) []grant {
	name := cfg.PhysicalName(f.Name)
	var all []grant
	for _, right := range permissions.Tables {
		for _, operation := range right.Operations {
			all = append(all, grant{name, "dynamodb:" + string(operation), right.Resource(cfg.PhysicalName(right.Table.Name))})
		}
	}
	for _, right := range permissions.Keys {
		for _, operation := range right.Operations {
			all = append(all, grant{name, "kms:" + string(operation), ""})
		}
	}
	for _, secret := range permissions.Secrets {
		all = append(all, grant{name, "secretsmanager:GetSecretValue", secretName(cfg, secret)})
	}
	for _, queue := range permissions.Sends {
		all = append(all, grant{name, "sqs:SendMessage", cfg.PhysicalName(queue.Name)},
			grant{name, "kms:GenerateDataKey", ""}, grant{name, "kms:Decrypt", ""})
	}
	for _, topic := range permissions.Publishes {
		all = append(all, grant{name, "sns:Publish", cfg.PhysicalName(topic.Name)},
			grant{name, "kms:GenerateDataKey", ""}, grant{name, "kms:Decrypt", ""})
	}
	for _, event := range f.Events {
		all = append(all, eventGrants(cfg, f, event)...)
	}
	for _, right := range permissions.Buckets {
		for _, operation := range right.Operations {
			all = append(all, grant{name, bucketActions[operation], ""})
		}
	}
	for _, operation := range permissions.UserPool {
		all = append(all, grant{name, "cognito-idp:" + string(operation), ""})
	}
	if permissions.SendEmail {
		all = append(all, grant{name, "ses:SendEmail", ""})
	}
	return all
}

// bucketActions are the actions that functions call for each operation.
var bucketActions = map[buckets.Operation]string{
	buckets.Read: "s3:GetObject", buckets.Write: "s3:PutObject", buckets.Delete: "s3:DeleteObject",
}

// eventGrants are the actions that an event takes. Lambda reads queues and streams as the
// function's role. The right to send changes that fail to the end to dead letters is
// left out: only a failure of ten attempts uses it.
func eventGrants(cfg config.Config, f *function.Function, event function.Event) (all []grant) {
	name := cfg.PhysicalName(f.Name)
	add := func(resource string, actions ...string) {
		for _, action := range actions {
			all = append(all, grant{name, action, resource})
		}
	}
	switch {
	case event.Rotates != nil:
		add(secretName(cfg, event.Rotates), "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
			"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage")
	case event.Topic != nil, event.Queue != nil, event.Uploads != nil:
		add(cfg.PhysicalName(f.QueueName(event)), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
		add("", "kms:Decrypt")
		if event.Queue != nil {
			add(cfg.PhysicalName(event.Queue.Name), "sqs:ChangeMessageVisibility") // the wait after a failure
		}
	case event.Changes != nil:
		add(streamOf(cfg.PhysicalName(event.Changes.Name)), "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
	}
	return all
}

func streamOf(table string) string { return "stream of " + table }

func secretName(cfg config.Config, secret *secrets.Secret) string {
	return "expenzez/" + cfg.Stage + "/" + secret.Name
}
