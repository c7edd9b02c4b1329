package local_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/local"
)

const aliasesFunction = "aliases-function"

// publishTwo deploys the stack of aliases and publishes two versions of its function,
// which return "old" and "new". The alias "live" invokes the first.
func publishTwo(t *testing.T) *lambda.Client {
	t.Helper()
	deployStack(t, "aliases")
	client := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region))
	for version, value := range []string{"old", "new"} {
		if _, err := client.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
			FunctionName: aws.String(aliasesFunction), Environment: &types.Environment{Variables: map[string]string{"VALUE": value}},
		}); err != nil {
			t.Fatal(err)
		}
		published, err := client.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: aws.String(aliasesFunction)})
		if err != nil || aws.ToString(published.Version) != []string{"1", "2"}[version] {
			t.Fatalf("published %v, %v", published, err)
		}
	}
	if _, err := client.CreateAlias(t.Context(), &lambda.CreateAliasInput{
		FunctionName: aws.String(aliasesFunction), Name: aws.String("live"), FunctionVersion: aws.String("1"),
	}); err != nil {
		t.Fatal(err)
	}
	return client
}

func route(client *lambda.Client, t *testing.T, version string, weights map[string]float64) error {
	t.Helper()
	_, err := client.UpdateAlias(t.Context(), &lambda.UpdateAliasInput{
		FunctionName: aws.String(aliasesFunction), Name: aws.String("live"), FunctionVersion: aws.String(version),
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
	})
	return err
}

func TestAlias_Weights_SplitInvocationsAndMetrics(t *testing.T) {
	client, started := publishTwo(t), time.Now()
	counts := func(n int) map[string]int {
		got := map[string]int{}
		for range n {
			out, err := client.Invoke(t.Context(), &lambda.InvokeInput{
				FunctionName: aws.String(aliasesFunction), Qualifier: aws.String("live"), Payload: []byte(`{"fail":"new"}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case aws.ToString(out.ExecutedVersion) == "1" && string(out.Payload) == `"old"`:
				got["old"]++
			case aws.ToString(out.ExecutedVersion) == "2" && out.FunctionError != nil:
				got["new"]++
			default:
				t.Fatalf("version %s answered %s", aws.ToString(out.ExecutedVersion), out.Payload)
			}
		}
		return got
	}
	if got := counts(5); got["new"] > 0 {
		t.Errorf("without weights: %v", got)
	}
	if err := route(client, t, "1", map[string]float64{"2": 0.5}); err != nil {
		t.Fatal(err)
	}
	split := counts(60) // fewer than 10 of one of them in one of ten million runs
	if split["old"] < 10 || split["new"] < 10 {
		t.Errorf("with half the weight: %v", split)
	}
	read, err := client.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{
		FunctionName: aws.String(aliasesFunction), Qualifier: aws.String("live"),
	})
	if err != nil || aws.ToString(read.Version) != "1" {
		t.Errorf("the alias is read as version %s, %v", aws.ToString(read.Version), err)
	}
	if err := route(client, t, "2", map[string]float64{}); err != nil {
		t.Fatal(err)
	}
	if got := counts(5); got["old"] > 0 {
		t.Errorf("after all weight went to the new version: %v", got)
	}
	if errs := versionMetric(t, "Errors", "2", started); errs != float64(split["new"]+5) {
		t.Errorf("the new version has %v errors, want %d", errs, split["new"]+5)
	}
	if errs := versionMetric(t, "Errors", "1", started); errs != 0 {
		t.Errorf("the old version has %v errors", errs)
	}
}

// versionMetric returns the sum of a metric of one version behind the alias "live".
func versionMetric(t *testing.T, name, version string, since time.Time) (sum float64) {
	t.Helper()
	dimensions := map[string]string{"FunctionName": aliasesFunction, "Resource": aliasesFunction + ":live", "ExecutedVersion": version}
	var list []cwtypes.Dimension
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		list = append(list, cwtypes.Dimension{Name: aws.String(name), Value: aws.String(dimensions[name])})
	}
	got, err := cloudwatch.NewFromConfig(bareStage(t).AWSConfig(local.Region)).GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(since.Add(-time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)),
		MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("m"), MetricStat: &cwtypes.MetricStat{
			Metric: &cwtypes.Metric{Namespace: aws.String("AWS/Lambda"), MetricName: aws.String(name), Dimensions: list},
			Period: aws.Int32(60), Stat: aws.String("Sum"),
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range got.MetricDataResults[0].Values {
		sum += value
	}
	return sum
}

func TestAlias_WrongWeights_AreRefused(t *testing.T) {
	client := publishTwo(t)
	for name, c := range map[string]struct {
		version string
		weights map[string]float64
	}{
		"more than everything":  {"1", map[string]float64{"2": 1.5}},
		"the version itself":    {"1", map[string]float64{"1": 0.5}},
		"three versions":        {"1", map[string]float64{"2": 0.1, "$LATEST": 0.1}},
		"$LATEST":               {"$LATEST", map[string]float64{"2": 0.5}},
		"a version that is not": {"1", map[string]float64{"7": 0.5}},
		"another":               {"9", nil},
	} {
		var failure smithy.APIError
		if err := route(client, t, c.version, c.weights); !errors.As(err, &failure) || failure.ErrorCode() != "InvalidParameterValueException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := route(client, t, "1", map[string]float64{"2": 0.5}); err != nil {
		t.Error(err)
	}
}
