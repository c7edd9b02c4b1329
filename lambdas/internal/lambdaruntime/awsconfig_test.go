package lambdaruntime

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

func TestAWSConfig_ReadsLambdaVariablesOnly(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "session", "AWS_ENDPOINT_URL": "", "AWS_PROFILE": "somebody", "AWS_SDK_UA_APP_ID": "goals",
	} {
		t.Setenv(name, value)
	}
	config, err := awsConfig()
	if err != nil || config.Region != "eu-west-2" || config.BaseEndpoint != nil || config.AppID != "goals" {
		t.Errorf("got %v, %v", config, err)
	}
	if got, err := config.Credentials.Retrieve(t.Context()); err != nil || got.AccessKeyID != "id" || got.SessionToken != "session" {
		t.Errorf("got %v, %v", got.AccessKeyID, err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	if config, err := awsConfig(); err != nil || *config.BaseEndpoint != "http://127.0.0.1:4566" {
		t.Errorf("the endpoint is not used: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	if _, err := awsConfig(); err == nil {
		t.Error("there are no credentials, and nothing says so")
	}
}

// newCountingServer returns a server that answers {} and how many connections it has
// accepted.
func newCountingServer(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var accepted atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, &accepted
}

func TestAWSConfig_ClientsOfManyServices_ShareConnections(t *testing.T) {
	server, accepted := newCountingServer(t)
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
		"AWS_ENDPOINT_URL_DYNAMODB": server.URL, "AWS_ENDPOINT_URL_KMS": server.URL,
	} {
		t.Setenv(name, value)
	}
	config, err := awsConfig()
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		_, err := dynamodb.NewFromConfig(config).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("t")})
		if err == nil {
			_, err = kms.NewFromConfig(config).Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: []byte("a")})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if accepted.Load() != 1 {
		t.Errorf("20 requests opened %d connections", accepted.Load())
	}
}

// closedBody is a body of the SDK whose answer came before all of it was asked for.
type closedBody struct {
	io.Reader
	written bool
}

func (b *closedBody) WriteTo(w io.Writer) (int64, error) {
	if b.written {
		return 0, io.EOF
	}
	b.written = true
	n, err := io.WriteString(w, "{}")
	return int64(n), err
}

func TestReadBodies_BodyThatEndsEarly_KeepsItsConnection(t *testing.T) {
	server, accepted := newCountingServer(t)
	client := httpClient()
	for range 3 {
		request, err := http.NewRequest(http.MethodPost, server.URL, &closedBody{Reader: strings.NewReader("{}")})
		if err != nil {
			t.Fatal(err)
		}
		request.ContentLength = 2
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if accepted.Load() != 1 {
		t.Errorf("3 requests opened %d connections", accepted.Load())
	}
}
