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

// secretKey is the secret access key of the account root. The engine accepts any
// signature of root; functions and assumed roles sign with real keys.
const secretKey = "local"

// bufferedTransport reads the whole body of a response before it returns the response.
// On a busy machine the engine sends the body well after the header. A connection
// that closes in between makes the SDK repeat a write that the engine has done.
type bufferedTransport struct{ http.RoundTripper }

// RoundTrip sends the request and reads the whole response.
func (t bufferedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, err
}

// AWSConfig returns the configuration of SDK clients that call the engine as the
// account's root.
func (s *Stage) AWSConfig(region string) aws.Config {
	return aws.Config{
		HTTPClient:   &http.Client{Transport: bufferedTransport{http.DefaultTransport}},
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

// cliEnv returns the environment of the CDK CLI: the environment of this process
// without the user's AWS and CDK settings, and with the engine as the AWS endpoint.
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
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", // the Node.js major version not to warn about
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
