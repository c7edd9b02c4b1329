package lambdaruntime

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/connections"
)

// awsConfig returns the SDK configuration of a function, from the variables that
// Lambda sets. The SDK's package config would also look for profiles, single sign-on
// and EC2 metadata, none of which Lambda has. It would initialise four more services
// in every cold start.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func awsConfig() (aws.Config, error) {
	credentials := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "Lambda",
	}
	config := aws.Config{
		Region:      os.Getenv("AWS_REGION"),
		Retryer:     newRetryer,
		AppID:       os.Getenv("AWS_SDK_UA_APP_ID"), // names the caller in the user agent, of unsigned requests too
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
	}
	config.HTTPClient = httpClient()
	config.ConfigSources = []any{serviceEndpoints{}}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" { // set where an emulator stands in for AWS
		config.BaseEndpoint = aws.String(endpoint)
	}
	if config.Region == "" || !credentials.HasKeys() {
		return config, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: this runs in Lambda only")
	}
	return config, nil
}

// httpClient returns the client that all clients of the SDK share. A connection that
// one SDK client opened serves the others. The dialer's limits replace the limits of
// the transport.
func httpClient() aws.HTTPClient {
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.DialTLSContext = connections.DialTLS
	return &http.Client{
		Transport:     readBodies{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readBodies hides from net/http that the SDK's bodies can write themselves to the
// connection. Such a body reports io.EOF when the response came before net/http asked
// for more to write. net/http then closes the connection.
// https://github.com/aws/smithy-go/blob/v1.28.9/transport/http/internal/io/safe.go#L33
type readBodies struct{ next http.RoundTripper }

func (t readBodies) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // a copy
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.next.RoundTrip(request)
}

// serviceEndpoints gives each client of the SDK the endpoint that the environment
// names for its service, as the SDK's package config does.
type serviceEndpoints struct{}

// GetServiceBaseEndpoint returns the endpoint, and whether the environment names one.
func (serviceEndpoints) GetServiceBaseEndpoint(_ context.Context, serviceID string) (string, bool, error) {
	endpoint, ok := os.LookupEnv(function.EndpointVariable(serviceID))
	return endpoint, ok, nil
}
