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

// awsConfig is the SDK configuration of a function, from the variables that
// Lambda sets. The SDK's own package config would also look for profiles, single
// sign-on and the metadata of EC2, none of which Lambda has, and costs every
// cold start the initialisation of four more services.
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
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
	}
	config.HTTPClient = httpClient()
	config.ConfigSources = []any{serviceEndpoints{}}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" { // where AWS is not AWS
		config.BaseEndpoint = aws.String(endpoint)
	}
	if config.Region == "" || !credentials.HasKeys() {
		return config, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: this runs in Lambda only")
	}
	return config, nil
}

// httpClient returns the client that all clients of the SDK share, so that a
// connection that one of them opened serves the others. The dialer's limits take the
// place of the transport's own.
func httpClient() aws.HTTPClient {
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.DialTLSContext = connections.DialTLS
	return &http.Client{
		Transport:     readBodies{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// readBodies sends requests whose bodies can only be read. The SDK's bodies can also
// be written to the connection, and report io.EOF when the answer came before net/http
// asked whether there is more to write. net/http then gives the connection up.
// https://github.com/aws/smithy-go/blob/v1.28.9/transport/http/internal/io/safe.go#L33
type readBodies struct{ next http.RoundTripper }

func (t readBodies) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request = request.WithContext(request.Context()) // a copy
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return t.next.RoundTrip(request)
}

// serviceEndpoints gives each client of the SDK the endpoint of its service that the
// environment names, as the SDK's own package config does.
type serviceEndpoints struct{}

// GetServiceBaseEndpoint returns the endpoint and whether there is one.
func (serviceEndpoints) GetServiceBaseEndpoint(_ context.Context, serviceID string) (string, bool, error) {
	endpoint, ok := os.LookupEnv(function.EndpointVariable(serviceID))
	return endpoint, ok, nil
}
