package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/expenzez/infrastructure/local"
)

// folder is the test binary's own place for stages.
var folder string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "local-stage-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	defer func() {
		if started {
			stage, _ := probe()
			_ = stage.Stop()
		}
	}()
	defer func() {
		if bareStarted {
			stage, _ := bare()
			_ = stage.Stop()
		}
	}()
	return m.Run()
}

var started bool

// probe is the stage most tests share: testdata/probe, deployed once.
var probe = sync.OnceValues(func() (*local.Stage, error) {
	ctx := context.Background()
	app := filepath.Join(folder, "app")
	if err := writeProbe(app); err != nil {
		return nil, err
	}
	stage, err := local.Start(ctx, local.Options{
		StateDir: filepath.Join(folder, "stage"), EdgeAddr: "127.0.0.1:18080", App: app, CDKArgs: []string{},
		Fakes: "127.0.0.1:0", Services: map[string]string{"sample": "http://127.0.0.1:9/sample"},
	})
	if err != nil {
		return nil, err
	}
	started = true
	return stage, stage.Deploy(ctx)
})

func probeStage(t *testing.T) *local.Stage {
	t.Helper()
	stage, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	return stage
}

// writeProbe makes a CDK app of the template: an assembly that is already
// synthesized, with the functions' sources in it.
func writeProbe(dir string) error {
	template, err := os.ReadFile("testdata/probe/template.json")
	if err != nil {
		return err
	}
	for _, source := range []string{"probe.py", "rotate.py", "challenge.py"} {
		code, err := os.ReadFile("testdata/probe/" + source)
		if err != nil {
			return err
		}
		quoted, err := json.Marshal(string(code))
		if err != nil {
			return err
		}
		template = []byte(strings.ReplaceAll(string(template), `"`+source+`"`, string(quoted)))
	}
	manifest, err := os.ReadFile("testdata/probe/manifest.json")
	if err != nil {
		return err
	}
	return writeApp(dir, template, manifest)
}

func writeApp(dir string, template, manifest []byte) error {
	assembly := filepath.Join(dir, "assembly")
	if err := os.MkdirAll(assembly, 0o755); err != nil {
		return err
	}
	for path, data := range map[string][]byte{
		filepath.Join(dir, "cdk.json"):           []byte(`{"app":"assembly"}`),
		filepath.Join(assembly, "manifest.json"): manifest,
		filepath.Join(assembly, "template.json"): template,
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func output(t *testing.T, stage *local.Stage, key string) string {
	t.Helper()
	client := cloudformation.NewFromConfig(stage.AWSConfig(local.Region))
	stacks, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("Probe")})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range stacks.Stacks[0].Outputs {
		if aws.ToString(o.OutputKey) == key {
			return aws.ToString(o.OutputValue)
		}
	}
	t.Fatalf("the stack has no output %s", key)
	return ""
}

// post sends a request to the deployed API through the edge.
func post(t *testing.T, stage *local.Stage, path, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(stage.URL()+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// call makes the probe function call an AWS operation with its role's rights. It
// returns the code of the error AWS answered, empty for none.
func call(t *testing.T, service, operation string, input map[string]any) (code string, result map[string]any) {
	t.Helper()
	request, err := json.Marshal(map[string]any{"service": service, "operation": operation, "input": input})
	if err != nil {
		t.Fatal(err)
	}
	status, body := post(t, probeStage(t), "/probe/call", string(request))
	var answer struct {
		Error  string         `json:"error"`
		Result map[string]any `json:"result"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("the probe answered %d %s", status, body)
	}
	return answer.Error, answer.Result
}
