package local_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
)

func TestFunctions_ReceiveServiceURLs(t *testing.T) {
	stage := probeStage(t)
	for variable, want := range map[string]string{
		"EXTERNAL_SAMPLE_URL":     "http://127.0.0.1:9/sample",
		"EXTERNAL_APPLE_URL":      stage.FakesURL() + "/apple",
		"EXTERNAL_GOOGLE_URL":     stage.FakesURL() + "/google",
		"EXTERNAL_OPENAI_URL":     stage.FakesURL() + "/openai/v1",
		"EXTERNAL_REVENUECAT_URL": stage.FakesURL() + "/revenuecat/v2",
	} {
		if status, got := post(t, stage, "/probe/call", `{"variable":"`+variable+`"}`); status != http.StatusOK || got != want {
			t.Errorf("%s is %q, want %q", variable, got, want)
		}
	}
}

func TestDeployedSecrets_AreAcceptedByFakes(t *testing.T) {
	stage := probeStage(t)
	secret := func() (key string, version string) {
		got, err := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region)).GetSecretValue(t.Context(),
			&secretsmanager.GetSecretValueInput{SecretId: aws.String("probe/openai")})
		if err != nil {
			t.Fatal(err)
		}
		var value struct {
			Key string `json:"OPENAI_API_KEY"`
		}
		if err := json.Unmarshal([]byte(aws.ToString(got.SecretString)), &value); err != nil {
			t.Fatal(err)
		}
		return value.Key, aws.ToString(got.VersionId)
	}
	key, version := secret()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, stage.FakesURL()+"/openai/v1/chat/completions",
		strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"Tip?"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the key of the secret is answered %s %s", resp.Status, body)
	}
	if err := stage.Deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, again := secret(); again != version {
		t.Error("a deployment that changes nothing makes another version of the secret")
	}
}

func TestFakes_Restarted_KeepTheirAddress(t *testing.T) {
	o := local.Options{StateDir: t.TempDir(), Fakes: "127.0.0.1:20600"}
	stage := start(t, o)
	url, engine := stage.FakesURL(), pidOf(t, o, "engine")
	if err := syscall.Kill(pidOf(t, o, "fakes"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the fakes are seen to have ended", func() bool { return stage.FakesURL() == "" })
	if again := start(t, o); again.FakesURL() != url || pidOf(t, o, "engine") != engine {
		t.Errorf("the fakes came back at %s, were at %s", again.FakesURL(), url)
	}
	if _, err := local.Stop(t.Context(), o); err != nil || stage.FakesURL() != "" {
		t.Errorf("the fakes survive the stage: %v", err)
	}
}

func TestStart_OtherServices_IsRefused(t *testing.T) {
	o := local.Options{StateDir: t.TempDir(), Services: map[string]string{"apple": "http://127.0.0.1:9/apple"}}
	start(t, o)
	start(t, local.Options{StateDir: o.StateDir}) // who wants none takes it as it is
	o.Services = map[string]string{"apple": "http://127.0.0.1:10/apple"}
	if _, err := local.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "make down") {
		t.Errorf("got %v", err)
	}
}
