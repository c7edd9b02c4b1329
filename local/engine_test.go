package local_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
)

func TestTables_FromTemplate_HaveItsSettings(t *testing.T) {
	stage := probeStage(t)
	client := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	for _, table := range []string{"probe", "probe-global"} {
		t.Run(table, func(t *testing.T) {
			ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &table})
			if err != nil {
				t.Fatal(err)
			}
			if d := ttl.TimeToLiveDescription; d.TimeToLiveStatus != types.TimeToLiveStatusEnabled || aws.ToString(d.AttributeName) != "expiresAt" {
				t.Errorf("time to live is %s on %q", d.TimeToLiveStatus, aws.ToString(d.AttributeName))
			}
			backups, err := client.DescribeContinuousBackups(t.Context(), &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
			if err != nil {
				t.Fatal(err)
			}
			if s := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus; s != types.PointInTimeRecoveryStatusEnabled {
				t.Errorf("point-in-time recovery is %s", s)
			}
			described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
			if err != nil {
				t.Fatal(err)
			}
			if sse := described.Table.SSEDescription; sse == nil || sse.Status != types.SSEStatusEnabled || aws.ToString(sse.KMSMasterKeyArn) != output(t, stage, "KeyArn") {
				t.Errorf("encryption is %+v", sse)
			}
			if got := aws.ToBool(described.Table.DeletionProtectionEnabled); got != (table == "probe-global") {
				t.Errorf("deletion protection is %v", got)
			}
		})
	}
}

func TestSecret_Ref_IsItsARN(t *testing.T) {
	stage := probeStage(t)
	if ref, arn := output(t, stage, "SecretRef"), output(t, stage, "SecretArn"); ref != arn || !strings.HasPrefix(ref, "arn:aws:secretsmanager:") {
		t.Errorf("Ref is %s, the ARN %s", ref, arn)
	}
}

func TestGeneratedSecret_FollowsItsSpecification(t *testing.T) {
	stage := probeStage(t)
	client := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region))
	got, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("probe/generated")})
	if err != nil {
		t.Fatal(err)
	}
	var value struct{ Kind, Key string }
	if err := json.Unmarshal([]byte(aws.ToString(got.SecretString)), &value); err != nil {
		t.Fatal(err)
	}
	if value.Kind != "probe" || !regexp.MustCompile(`^[A-Za-z0-9]{64}$`).MatchString(value.Key) {
		t.Errorf("the secret is %+v", value)
	}
}

func TestRotationSchedule_CallsRotationFunction(t *testing.T) {
	stage := probeStage(t)
	client := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region))
	value := func(versionStage string) string {
		got, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
			SecretId: aws.String("probe/rotated"), VersionStage: &versionStage,
		})
		if err != nil {
			return err.Error()
		}
		return aws.ToString(got.SecretString)
	}
	for end := time.Now().Add(20 * time.Second); value("AWSCURRENT") != "rotated"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the current value is %q; the engine's log: %s", value("AWSCURRENT"), stage.EngineLog())
		}
	}
	if got := value("AWSPREVIOUS"); got != "first" {
		t.Errorf("the previous value is %q", got)
	}
}

func TestRecordedOnly_Types_HaveRefAndAttributes(t *testing.T) {
	stage := probeStage(t)
	for key, pattern := range map[string]string{
		"AllocationId":         `^eipalloc-[0-9a-f]{17}$`,
		"MonitorRef":           `^arn:aws:ce:eu-west-2:000000000000:anomalymonitor/`,
		"DeployApplicationRef": `^Probe-DeployApplication-`,
	} {
		if got := output(t, stage, key); !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%s is %q, which does not match %s", key, got, pattern)
		}
	}
}

func TestPreflight_AllowsTemplatesOriginsOnly(t *testing.T) {
	stage := probeStage(t)
	preflight := func(origin string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, stage.URL()+"/probe/call", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	allowed := preflight("https://expenzez.com")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://expenzez.com", "Access-Control-Allow-Credentials": "true",
		"Access-Control-Max-Age": "300", "Access-Control-Allow-Methods": "POST",
	} {
		if got := allowed.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := preflight("https://elsewhere.example").Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a foreign origin is answered with %q", got)
	}
}

func TestFunctionError_Answers500WithoutDetails(t *testing.T) {
	status, body := post(t, probeStage(t), "/probe/call", `{"fail":true}`)
	if status != http.StatusInternalServerError || body != `{"message": "Internal Server Error"}` {
		t.Errorf("answered %d %s", status, body)
	}
}

func TestRoute_WithoutPermission_IsNotInvoked(t *testing.T) {
	stage := probeStage(t)
	if status, body := post(t, stage, "/silent", `{"echo":true}`); status != http.StatusOK {
		t.Errorf("the permitted route answered %d %s", status, body)
	}
	if status, body := post(t, stage, "/unpermitted", `{"echo":true}`); status != http.StatusInternalServerError {
		t.Errorf("the route without permission answered %d %s", status, body)
	}
}

// The function's permission covers API/*/*/*, but the source of the route $default has
// one part less.
func TestDefaultRoute_PermissionOfOtherRoutes_IsNotInvoked(t *testing.T) {
	if status, body := post(t, probeStage(t), "/nowhere", `{"echo":true}`); status != http.StatusInternalServerError {
		t.Errorf("answered %d %s", status, body)
	}
}

func TestFunctionLog_NeedsRolesPermission(t *testing.T) {
	stage := probeStage(t)
	for path, group := range map[string]string{"/probe/call": "/aws/lambda/probe", "/silent": "/aws/lambda/silent"} {
		if status, body := post(t, stage, path, `{"echo":true}`); status != http.StatusOK {
			t.Fatalf("%s answered %d %s", path, status, body)
		}
		lines, err := stage.Logs(t.Context(), group)
		if err != nil {
			t.Fatal(err)
		}
		if mayLog := group == "/aws/lambda/probe"; mayLog != (len(lines) > 0) {
			t.Errorf("%s has %d lines", group, len(lines))
		}
	}
}

func TestEdge_EnginePaths_ReachTheAPI(t *testing.T) {
	stage := probeStage(t)
	for sent, want := range map[string]string{
		"/health":      "/health", // which the engine would answer itself
		"/probe/a%2Fb": "/probe/a/b", "/probe//a": "/probe//a", "/probe/_ministack/reset": "/probe/_ministack/reset",
	} {
		status, body := post(t, stage, sent, `{"echo":true}`)
		var got struct{ Path string }
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			t.Errorf("%s answered %d %s", sent, status, body)
		} else if got.Path != want {
			t.Errorf("%s reached the function as %s", sent, got.Path)
		}
	}
	if status, _ := post(t, stage, "/_ministack/reset", ""); status != http.StatusInternalServerError { // of the route $default
		t.Errorf("the engine's own reset answered %d through the edge", status)
	}
}
