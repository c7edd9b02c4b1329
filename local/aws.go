package local

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// secretKey is the engine's for the account root. The engine checks nothing
// about root's signature; functions and assumed roles have real ones.
const secretKey = "local"

// wholeAnswers reads an answer's body before it hands the answer on. On a busy
// machine the engine's body comes well after its header, and a connection that is
// closed in between makes the SDK repeat a write that has happened.
type wholeAnswers struct{ http.RoundTripper }

// RoundTrip sends the request.
func (w wholeAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, err
}

// AWSConfig is for SDK clients that look into the stage as the account's root.
func (s *Stage) AWSConfig(region string) aws.Config {
	return aws.Config{
		HTTPClient:   &http.Client{Transport: wholeAnswers{http.DefaultTransport}},
		Region:       region,
		BaseEndpoint: aws.String(s.EngineURL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: Account, SecretAccessKey: secretKey, AccountID: Account}, nil
		}),
	}
}

func (s *Stage) cloudFormation(region string) *cloudformation.Client {
	return cloudformation.NewFromConfig(s.AWSConfig(region))
}

// cliEnv is the environment of the CDK CLI: this process's, without any of the
// user's own AWS or CDK settings, and pointed at the engine.
func cliEnv(environ []string, engineURL string) []string {
	env := []string{
		"AWS_ENDPOINT_URL=" + engineURL,
		"AWS_ACCESS_KEY_ID=" + Account, // a 12-digit key is the root of that account
		"AWS_SECRET_ACCESS_KEY=" + secretKey,
		"AWS_REGION=" + Region,
		"AWS_DEFAULT_REGION=" + Region,
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
		"NO_PROXY=127.0.0.1,localhost",
		"no_proxy=127.0.0.1,localhost",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", // the majors not to warn about
	}
	for _, setting := range environ {
		name, value, _ := strings.Cut(setting, "=")
		switch {
		case strings.HasPrefix(name, "AWS_"), strings.HasPrefix(name, "CDK_") && name != "CDK_VALIDATION":
		case strings.EqualFold(name, "NO_PROXY"):
			env = append(env, setting+",127.0.0.1,localhost")
		default:
			env = append(env, name+"="+value)
		}
	}
	return env
}
