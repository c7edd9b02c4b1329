package local_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

// bare is a stage without an app. Tests deploy stacks of their own to it.
var bare = sync.OnceValues(func() (*local.Stage, error) {
	sample := httptest.NewServer(http.NotFoundHandler()) // ends with the test binary
	stage, err := local.Start(context.Background(), local.Options{
		StateDir: filepath.Join(folder, "bare"), Services: map[string]string{"sample": sample.URL},
	})
	bareStarted = err == nil
	return stage, err
})

var bareStarted bool

func bareStage(t *testing.T) *local.Stage {
	t.Helper()
	stage, err := bare()
	if err != nil {
		t.Fatal(err)
	}
	return stage
}

// readTemplate returns a template of testdata/stacks with the source of each
// function in the place of the file's name.
func readTemplate(t *testing.T, name string) string {
	t.Helper()
	read := func(file string) string {
		data, err := os.ReadFile(filepath.Join("testdata/stacks", file))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	template := read(name + ".json")
	for _, source := range []string{"batches.py", "caller.py", "subscriber.py", "identities.py"} {
		quoted, err := json.Marshal(read(source))
		if err != nil {
			t.Fatal(err)
		}
		template = strings.ReplaceAll(template, `"`+source+`"`, string(quoted))
	}
	return template
}

// tryStack creates a stack and returns its final state. The stack goes with the test.
func tryStack(t *testing.T, name, template string) cfntypes.Stack {
	t.Helper()
	client := cloudformation.NewFromConfig(bareStage(t).AWSConfig(local.Region))
	if _, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: &template, Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
			t.Error(err)
		}
	})
	return awaitStack(t, client, name)
}

// awaitStack returns a stack whose operation has ended.
func awaitStack(t *testing.T, client *cloudformation.Client, name string) cfntypes.Stack {
	t.Helper()
	var stack cfntypes.Stack
	eventually(t, "the operation on stack "+name+" ends", func() bool {
		found, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			t.Fatal(err)
		}
		stack = found.Stacks[0]
		return !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS")
	})
	return stack
}

// deployStack creates a stack and returns its outputs.
func deployStack(t *testing.T, name string) map[string]string {
	t.Helper()
	return deployTemplate(t, name, readTemplate(t, name))
}

func deployTemplate(t *testing.T, name, template string) map[string]string {
	t.Helper()
	stack := tryStack(t, name, template)
	if stack.StackStatus != cfntypes.StackStatusCreateComplete {
		t.Fatalf("stack %s is %s: %s", name, stack.StackStatus, aws.ToString(stack.StackStatusReason))
	}
	outputs := map[string]string{}
	for _, o := range stack.Outputs {
		outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return outputs
}

// receive returns the messages of a queue as soon as there are as many as wanted.
func receive(t *testing.T, queueURL string, want int) []string {
	t.Helper()
	var bodies []string
	for end := time.Now().Add(20 * time.Second); len(bodies) < want; bodies = append(bodies, poll(t, queueURL)...) {
		if time.Now().After(end) {
			t.Fatalf("%s has %d messages, want %d: %q; the engine's log: %s", queueURL, len(bodies), want, bodies, bareStage(t).EngineLog())
		}
	}
	return bodies
}

// poll takes the messages off a queue that are there within a second.
func poll(t *testing.T, queueURL string) (bodies []string) {
	t.Helper()
	client := sqs.NewFromConfig(bareStage(t).AWSConfig(local.Region))
	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &queueURL, MaxNumberOfMessages: 10, WaitTimeSeconds: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range got.Messages {
		bodies = append(bodies, aws.ToString(message.Body))
		if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: message.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}
