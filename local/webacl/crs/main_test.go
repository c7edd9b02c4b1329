package crs_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/crs"
	"github.com/expenzez/infrastructure/stacks"
)

// TestMain turns off CDK's own template validator, which takes seconds per synth.
func TestMain(m *testing.M) {
	os.Setenv("CDK_APP_MODE", "inmemory")
	os.Setenv("CDK_VALIDATION", "false")
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20")
	jsii.Close() // so that its Node.js process, not yet started, takes this environment
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

var loadRules = sync.OnceValues(crs.New)

func rules(t testing.TB) crs.Rules {
	t.Helper()
	loaded, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// edgeACL returns the web ACL of the API's edge, without its rates, from a template that
// the constructs make.
func edgeACL(t testing.TB, managed webacl.ManagedRules) *webacl.ACL {
	t.Helper()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Edge"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(constructs.EdgeRegion)},
	})
	rules := stacks.EdgeRules(config.Config{})
	rules.PerAddress, rules.PerPath = constructs.RateLimit{Requests: 1_000_000_000}, nil
	constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name: "expenzez-test", OriginSecretName: "expenzez/test/origin", Rules: rules,
	})
	template, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(template, &parsed); err != nil {
		t.Fatal(err)
	}
	for id, r := range parsed.Resources {
		if r.Type == "AWS::WAFv2::WebACL" {
			acl, err := webacl.New(template, id, webacl.Options{Managed: managed})
			if err != nil {
				t.Fatal(err)
			}
			return acl
		}
	}
	t.Fatal("the template has no web ACL")
	return nil
}

// post returns a request of the app with a JSON body.
func post(path, body string) *webacl.Request {
	return &webacl.Request{
		Address: netip.MustParseAddr("127.0.0.1"), Method: http.MethodPost, Path: path, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Expenzez/1.4 (iOS 18.1)"}, "Host": {"127.0.0.1:8080"}},
	}
}

// transaction returns the body of a transaction with a description.
func transaction(t testing.TB, description string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"description": description, "amount": 100})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
