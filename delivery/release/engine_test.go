package release_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/delivery/release"
	"github.com/expenzez/infrastructure/local"
)

// The shop is a stage of two stacks on the local engine.
const prefix = "expenzez-local-"

var shopFunctions = map[string][]string{"shop": {"list", "buy"}, "stock": {"count", "order"}}

// handler fails in a share of its invocations.
const handler = `import os, random


def handler(event, _context):
    if random.random() < float(os.environ["FAILING"]):
        raise RuntimeError("a bad release")
    return os.environ["RELEASE"]
`

type shop struct {
	t      *testing.T
	config aws.Config
	stacks *cloudformation.Client
	lambda *lambda.Client
}

func startShop(t *testing.T) *shop {
	t.Helper()
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	cfg := stage.AWSConfig(local.Region)
	return &shop{t, cfg, cloudformation.NewFromConfig(cfg), lambda.NewFromConfig(cfg)}
}

// template is what constructs synthesizes for functions whose aliases a release owns, and
// the table of releases in the stack shop.
func template(stack string, number int, failing float64) string {
	resources := map[string]any{"Role": map[string]any{"Type": "AWS::IAM::Role", "Properties": map[string]any{
		"AssumeRolePolicyDocument": json.RawMessage(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`),
	}}}
	if stack == "shop" {
		resources["Releases"] = map[string]any{"Type": "AWS::DynamoDB::Table", "Properties": json.RawMessage(
			`{"TableName": "expenzez-local-Releases", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}`)}
	}
	for _, name := range shopFunctions[stack] {
		ref := map[string]any{"Ref": name}
		resources[name] = map[string]any{"Type": "AWS::Lambda::Function", "Properties": map[string]any{
			"FunctionName": prefix + name, "Runtime": "python3.12", "Handler": "index.handler", "Timeout": 20,
			"Role": map[string]any{"Fn::GetAtt": []string{"Role", "Arn"}}, "Code": map[string]any{"ZipFile": handler},
			"Environment": map[string]any{"Variables": map[string]any{"RELEASE": fmt.Sprint(number), "FAILING": fmt.Sprint(failing)}},
		}}
		resources[fmt.Sprintf("%sVersion%d", name, number)] = map[string]any{
			"Type": "AWS::Lambda::Version", "Properties": map[string]any{"FunctionName": ref},
			"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
		}
		resources[name+"Live"] = map[string]any{"Type": "AWS::Lambda::Alias", "Properties": map[string]any{
			"FunctionName": ref, "FunctionVersion": "$LATEST", "Name": "live",
		}}
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// deploy deploys release number of the stacks, whose functions fail in a share of their
// invocations.
func (s *shop) deploy(number int, failing float64) {
	s.t.Helper()
	for stack := range shopFunctions {
		name, body := aws.String(prefix+stack), aws.String(template(stack, number, failing))
		capabilities := []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}
		var err error
		if number == 1 {
			_, err = s.stacks.CreateStack(s.t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: body, Capabilities: capabilities})
		} else {
			_, err = s.stacks.UpdateStack(s.t.Context(), &cloudformation.UpdateStackInput{StackName: name, TemplateBody: body, Capabilities: capabilities})
		}
		if err != nil {
			s.t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			got, err := s.stacks.DescribeStacks(s.t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
			if err != nil || time.Now().After(end) || strings.Contains(string(got.Stacks[0].StackStatus), "ROLLBACK") {
				s.t.Fatalf("the stack %s does not end: %v, %v", stack, got, err)
			}
			if strings.HasSuffix(string(got.Stacks[0].StackStatus), "E_COMPLETE") {
				break
			}
		}
	}
}

// command watches the new versions with a quarter of the invocations.
func (s *shop) command(owner string) *release.Command {
	functions := release.NewFunctions(s.config, prefix)
	return &release.Command{
		Stage: "local", Store: release.NewTable(s.config, prefix+"Releases"), Aliases: functions,
		Watcher: release.NewMetrics(s.config, prefix, functions.API), Owner: owner,
		Weight: 0.25, Watch: 8 * time.Second, Interval: 500 * time.Millisecond, Lease: 20 * time.Second, Report: s.t.Logf,
	}
}

// live returns what the aliases invoke, by function.
func (s *shop) live() map[string]release.Pointer {
	s.t.Helper()
	functions, at := release.NewFunctions(s.config, prefix), map[string]release.Pointer{}
	for _, names := range shopFunctions {
		for _, name := range names {
			pointer, _, err := functions.Alias(s.t.Context(), prefix+name)
			if err != nil {
				s.t.Fatal(err)
			}
			at[name] = pointer
		}
	}
	return at
}

func (s *shop) requireLive(version, what string) {
	s.t.Helper()
	for name, at := range s.live() {
		if at != (release.Pointer{Version: version}) {
			s.t.Errorf("%s: %s invokes %+v, want version %s", what, name, at, version)
		}
	}
}

// use invokes the functions by their alias until stop is called, which returns how many
// requests there were and how many failed.
func (s *shop) use() (stop func() (all, failed int)) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var done sync.WaitGroup
	var lock sync.Mutex
	all, failed := 0, 0
	for _, names := range shopFunctions {
		for _, name := range names {
			done.Go(func() {
				for ctx.Err() == nil {
					out, err := s.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(prefix + name), Qualifier: aws.String("live"), Payload: []byte("{}")})
					if err != nil {
						continue
					}
					lock.Lock()
					all++
					if out.FunctionError != nil {
						failed++
					}
					lock.Unlock()
				}
			})
		}
	}
	return func() (int, int) {
		cancel()
		done.Wait()
		return all, failed
	}
}

// TestEngine_Releases_AreTakenBackOrCommittedTogether goes through the releases of a stage on
// the local engine, with its CloudFormation, alias weights, metrics and alarms.
func TestEngine_Releases_AreTakenBackOrCommittedTogether(t *testing.T) {
	s := startShop(t)
	s.deploy(1, 0)
	s.requireLive(release.Latest, "a new function before its first release")
	s.run("first", release.Committed)
	s.requireLive("1", "after the first release")

	s.deploy(2, 0.2)
	s.requireLive("1", "after the deployment of a bad release")
	stop := s.use()
	ended := s.run("bad", release.TakenBack)
	all, failed := stop()
	s.requireLive("1", "after the bad release")
	t.Logf("a release that fails in 20 %% of its requests, with %g %% of the requests of %d functions: %d of %d requests failed; taken back %.1f s after it had its weight, because %s",
		100*ended.Weight, len(ended.Shifts), failed, all, ended.Ended.Sub(*ended.Shifted).Seconds(), ended.Reason)

	for seed := range uint64(6) {
		s.killAndContinue(seed)
	}

	s.deploy(3, 0)
	s.alarm("ALARM")
	if _, err := s.command("alarmed").Run(t.Context()); err == nil || !strings.Contains(err.Error(), "functions-errors-critical") {
		t.Errorf("released during an alarm: %v", err)
	}
	s.alarm("OK")
	time.AfterFunc(2*time.Second, func() { s.alarm("ALARM") })
	if ended := s.run("alarm", release.TakenBack); !strings.Contains(ended.Reason, "functions-errors-critical") {
		t.Errorf("taken back because %s", ended.Reason)
	}
	s.requireLive("1", "after the alarm")
	s.alarm("OK")
	s.run("good", release.Committed)
	s.requireLive("3", "after the good release")
	s.deploy(4, 0)
	s.requireLive("3", "after the next deployment")
	if back, err := s.command("operator").Rollback(t.Context()); err != nil || back.Phase != release.Committed {
		t.Fatalf("rolled back as %+v, %v", back, err)
	}
	s.requireLive("1", "after the rollback")
	s.keeps("1", "2", "3", "4")
}

func (s *shop) run(owner string, want release.Phase) *release.Release {
	s.t.Helper()
	ended, err := s.command(owner).Run(s.t.Context())
	if err != nil || ended == nil || ended.Phase != want {
		s.t.Fatalf("the release ended as %+v, %v, want %s", ended, err, want)
	}
	return ended
}

// killAndContinue kills a release of the bad version at a random call, and another run
// continues it. All functions must be old afterwards, because version 2 fails.
func (s *shop) killAndContinue(seed uint64) {
	s.t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	stop := s.use()
	killed := s.command("killed")
	killer := &killer{Store: killed.Store, Aliases: killed.Aliases, left: 1 + random.IntN(24), after: random.IntN(2) == 0}
	killed.Store, killed.Aliases = killer.store(), killer
	at := killer.left
	_, err := killed.Run(s.t.Context())
	mixed := s.live()
	time.Sleep(time.Second)
	next := s.command("killed") // the owner of the killed run need not wait for its lease
	ended, nextErr := next.Run(s.t.Context())
	all, failed := stop()
	if nextErr != nil || ended == nil || ended.Phase != release.TakenBack {
		s.t.Errorf("killed at call %d: the next run ended as %+v, %v", at, ended, nextErr)
	}
	s.requireLive("1", fmt.Sprintf("killed at call %d", at))
	s.t.Logf("killed at call %d (%v) with %d aliases moved, then continued: %d of %d requests failed", at, err, moved(mixed), failed, all)
}

func moved(at map[string]release.Pointer) (count int) {
	for pointer := range maps.Values(at) {
		if pointer.Canary != "" {
			count++
		}
	}
	return count
}

var errKilled = errors.New("killed")

// killer ends a run at a call that changes or reads something: before its effect, or after.
type killer struct {
	release.Store
	release.Aliases
	left  int
	after bool
}

func (k *killer) call(effect func() error) error {
	if k.left--; k.left > 0 {
		return effect()
	}
	if k.left == 0 && k.after {
		_ = effect()
	}
	return errKilled
}

func (k *killer) Alias(ctx context.Context, function string) (at release.Pointer, revision string, err error) {
	err = k.call(func() (err error) {
		at, revision, err = k.Aliases.Alias(ctx, function)
		return err
	})
	return at, revision, err
}

func (k *killer) Point(ctx context.Context, function string, to release.Pointer, revision string) error {
	return k.call(func() error { return k.Aliases.Point(ctx, function, to, revision) })
}

func (k *killer) store() release.Store { return killedStore{k} }

type killedStore struct{ *killer }

func (k killedStore) Save(ctx context.Context, document *release.Document) error {
	return k.call(func() error { return k.Store.Save(ctx, document) })
}

// alarm sets the state of an alarm on the errors of functions, as CloudWatch would.
func (s *shop) alarm(state cwtypes.StateValue) {
	client, name := cloudwatch.NewFromConfig(s.config), aws.String(prefix+"functions-errors-critical")
	_, err := client.PutMetricAlarm(context.Background(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: name, Namespace: aws.String("Shop"), MetricName: aws.String("Errors"), Statistic: cwtypes.StatisticSum, Period: aws.Int32(60),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
	})
	if err == nil {
		_, err = client.SetAlarmState(context.Background(), &cloudwatch.SetAlarmStateInput{AlarmName: name, StateValue: state, StateReason: aws.String("the test")})
	}
	if err != nil {
		s.t.Error(err)
	}
}

// keeps compares the versions of each function.
func (s *shop) keeps(want ...string) {
	s.t.Helper()
	for _, names := range shopFunctions {
		for _, name := range names {
			got, err := s.lambda.ListVersionsByFunction(s.t.Context(), &lambda.ListVersionsByFunctionInput{FunctionName: aws.String(prefix + name)})
			if err != nil {
				s.t.Fatal(err)
			}
			var versions []string
			for _, version := range got.Versions[1:] { // the first is $LATEST
				versions = append(versions, aws.ToString(version.Version))
			}
			if strings.Join(versions, " ") != strings.Join(want, " ") {
				s.t.Errorf("%s has the versions %v, want %v", name, versions, want)
			}
		}
	}
}
