package webacl_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/local/webacl"
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

// template synthesizes an edge with rules, and returns its template.
func template(t *testing.T, rules constructs.WebACLRules) []byte {
	t.Helper()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Edge"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(constructs.EdgeRegion)},
	})
	constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin", Rules: rules})
	return encode(t, assertions.Template_FromStack(stack, nil).ToJSON())
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// clock is a clock that stands still until a test moves it.
type clock struct{ now time.Time }

func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// found are the rules of managed groups that a request is said to match.
type found []webacl.ManagedMatch

func (f found) Matches(*webacl.Request) []webacl.ManagedMatch { return f }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// readACL reads the only web ACL of a template.
func readACL(t *testing.T, template []byte, managed webacl.ManagedRules, c *clock) *webacl.ACL {
	t.Helper()
	var parsed struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(template, &parsed); err != nil {
		t.Fatal(err)
	}
	for id, r := range parsed.Resources {
		if r.Type != "AWS::WAFv2::WebACL" {
			continue
		}
		acl, err := webacl.New(template, id, webacl.Options{Managed: managed, Now: func() time.Time { return c.now }, Countries: map[netip.Prefix]string{
			netip.MustParsePrefix("0.0.0.0/0"): "GB", netip.MustParsePrefix("192.0.2.0/24"): "KP", netip.MustParsePrefix("192.0.2.64/26"): "IE",
		}})
		if err != nil {
			t.Fatal(err)
		}
		return acl
	}
	t.Fatal("the template has no web ACL")
	return nil
}

// request returns a request like "POST /path?query".
func request(line string, change ...func(*webacl.Request)) *webacl.Request {
	method, target, _ := strings.Cut(line, " ")
	path, query, _ := strings.Cut(target, "?")
	r := &webacl.Request{Address: netip.MustParseAddr("198.51.100.7"), Method: method, Path: path, Query: query, Header: map[string][]string{}}
	for _, c := range change {
		c(r)
	}
	return r
}

func from(address string) func(*webacl.Request) {
	return func(r *webacl.Request) { r.Address = netip.MustParseAddr(address) }
}

func body(bytes int) func(*webacl.Request) {
	return func(r *webacl.Request) { r.Body = []byte(strings.Repeat("x", bytes)) }
}

func header(name, value string) func(*webacl.Request) {
	return func(r *webacl.Request) { r.Header.Add(name, value) }
}
