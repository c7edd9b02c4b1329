package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/local"
)

// forwardedClients guesses codes as clients of the old backend, whose API forwards their
// requests. With its proof, each client has the address that the backend saw. Without
// it, the named address means nothing.
func forwardedClients(t *testing.T) {
	proof := forwarderSecret(t)
	from(t, "127.1.10.1", func() {
		spendCodes(t, proof, func(int) string { return "203.0.113.7" })
		requireSpent(t, guessAs(t, proof, "203.0.113.7"))
		requireServed(t, guessAs(t, proof, "203.0.113.8"))

		spendCodes(t, proof, func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i+1) }) // of one /64
		requireSpent(t, guessAs(t, proof, "2001:db8:1:2:ffff::1"))
		requireServed(t, guessAs(t, proof, "2001:db8:1:3::1"))

		requireServed(t, guessAs(t, "", "")) // the backend's own address
	})
	countsForConnection(t, "127.1.10.2", "guess", "198.51.100.%d")
	countsForConnection(t, "127.1.10.3", "", "198.51.100.%d")
	countsForConnection(t, "127.1.10.4", proof, "198.51.100.%d, 203.0.113.9") // a list is no address
}

// forwarderEnded repeats the guesses after the forwarder's date.
func forwarderEnded(t *testing.T) {
	withVariable(t, "expenzez-local-auth-verification", function.ForwarderUntilVariable, "2020-01-01T00:00:00Z", func() {
		countsForConnection(t, "127.1.10.5", forwarderSecret(t), "198.51.100.%d")
	})
}

// forgedClientAddress names addresses in the headers of edges and proxies, with and
// without a proxy between the client and the edge.
func forgedClientAddress(t *testing.T) {
	from(t, "127.1.10.6", func() {
		forged := func(i int) http.Header {
			address := fmt.Sprintf("198.51.100.%d", i+1)
			header := http.Header{"X-Forwarded-For": {address + ", 203.0.113.200, 203.0.113.201"}, "Forwarded": {"for=" + address}}
			for _, name := range []string{"True-Client-Ip", "X-Real-Ip", "Cloudfront-Viewer-Address", "X-Forwarder-Client-Ip"} {
				header.Set(name, address)
			}
			return header
		}
		for i := range freeCodes {
			requireServed(t, guessWith(t, forged(i)))
		}
		requireSpent(t, guessWith(t, forged(freeCodes)))
	})
}

// freeCodes is how many wrong codes one address may send.
const freeCodes = 20

// countsForConnection guesses from one connection under many named addresses.
func countsForConnection(t *testing.T, connection, proof, named string) {
	t.Helper()
	from(t, connection, func() {
		spendCodes(t, proof, func(i int) string { return fmt.Sprintf(named, i+1) })
		requireSpent(t, guessAs(t, proof, fmt.Sprintf(named, 99)))
	})
}

// spendCodes spends the wrong codes of one client.
func spendCodes(t *testing.T, proof string, named func(i int) string) {
	t.Helper()
	answers := make([]answer, freeCodes)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := worker; i < freeCodes; i += 4 {
				answers[i] = guessAs(t, proof, named(i))
			}
		})
	}
	all.Wait()
	for _, got := range answers {
		requireServed(t, got)
	}
}

func requireServed(t *testing.T, got answer) {
	t.Helper()
	got.is(t, http.StatusBadRequest, "CodeMismatchException", "")
}

func requireSpent(t *testing.T, got answer) {
	t.Helper()
	got.is(t, http.StatusTooManyRequests, "TOO_MANY_ATTEMPTS", "")
}

// guessAs guesses the code of an account as the forwarder does for the named address.
func guessAs(t *testing.T, proof, named string) answer {
	header := http.Header{}
	for name, value := range map[string]string{"X-Forwarder-Secret": proof, "X-Forwarder-Client-Ip": named} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return guessWith(t, header)
}

var victims struct {
	sync.Mutex
	n int
}

// guessWith guesses the code of another account each time.
func guessWith(t *testing.T, header http.Header) (got answer) {
	victims.Lock()
	victims.n++
	body := fmt.Sprintf(`{"username":"forwarded-victim-%d","code":"000000"}`, victims.n)
	victims.Unlock()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, stage.URL()+"/auth/confirm-signup", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return got
	}
	header.Set("Content-Type", "application/json")
	request.Header = header
	response, err := httpClient.Do(request)
	if err != nil {
		t.Error(err)
		return got
	}
	defer response.Body.Close()
	got.status = response.StatusCode
	if err := json.NewDecoder(response.Body).Decode(&got.body); err != nil {
		t.Error(err)
	}
	return got
}

func forwarderSecret(t *testing.T) string {
	t.Helper()
	out, err := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region)).GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("expenzez/local/forwarder")})
	if err != nil {
		t.Fatal(err)
	}
	var value map[string]string
	if err := json.Unmarshal([]byte(*out.SecretString), &value); err != nil || value["FORWARDER_SECRET"] == "" {
		t.Fatalf("the secret has no value: %v", err)
	}
	return value["FORWARDER_SECRET"]
}

// withVariable acts while the alias of a function is a version with another value of an
// environment variable.
func withVariable(t *testing.T, name, variable, value string, act func()) {
	t.Helper()
	client, ctx := lambda.NewFromConfig(stage.AWSConfig(local.Region)), t.Context()
	live, err := client.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &name, Name: aws.String("live")})
	if err != nil {
		t.Fatal(err)
	}
	before, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	if err != nil {
		t.Fatal(err)
	}
	original := before.Environment.Variables[variable]
	if original == "" {
		t.Fatalf("%s has no variable %s", name, variable)
	}
	setVariables := func(to string) {
		before.Environment.Variables[variable] = to
		if _, err := client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &name, Environment: &types.Environment{Variables: before.Environment.Variables},
		}); err != nil {
			t.Fatal(err)
		}
	}
	pointTo := func(version *string) {
		if _, err := client.UpdateAlias(ctx, &lambda.UpdateAliasInput{FunctionName: &name, Name: aws.String("live"), FunctionVersion: version}); err != nil {
			t.Fatal(err)
		}
	}
	setVariables(value)
	changed, err := client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: &name})
	if err != nil {
		t.Fatal(err)
	}
	pointTo(changed.Version)
	defer func() {
		setVariables(original)
		pointTo(live.FunctionVersion)
	}()
	act()
}
