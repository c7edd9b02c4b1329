package examples_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/policy"
)

var partnerStages = []string{"staging", "prod"}

// The app of the API does not use the library. The app in front of it gets only its
// ids.
func TestPartner_BothStages_AreReachedThroughEdge(t *testing.T) {
	state := t.TempDir()
	apis := deployExampleTo(t, state, "partner-api")
	ids := map[string]string{}
	args := []string{"--context", "zone=" + outputOf(t, apis, "partner-dns", "ZoneId")}
	for _, name := range partnerStages {
		ids[name] = outputOf(t, apis, "partner-api-"+name, "ApiId")
		args = append(args, "--context", name+"="+ids[name])
	}
	partner := deployExampleTo(t, state, "partner", args...)
	served, err := partner.APIID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer expectNothingDenied(t, partner)
	for _, name := range partnerStages {
		other := partnerStages[1-slices.Index(partnerStages, name)]
		for _, request := range []struct {
			secret string
			status int
		}{{"", 404}, {secretOf(t, partner, other), 404}, {secretOf(t, partner, name), 200}} {
			url := partner.EngineURL() + "/_aws/execute-api/" + ids[name] + "/$default/"
			if status := getWithSecret(t, url, request.secret); status != request.status {
				t.Errorf("%s answered %d, want %d", name, status, request.status)
			}
		}
		if ids[name] == served { // the local edge stands in front of one API
			if status, body := call(t, "GET", partner.URL()+"/", ""); status != 200 || !strings.Contains(body, name) {
				t.Errorf("through the edge %s answered %d %s", name, status, body)
			}
		}
	}
}

// The app's acceptances are the rows that the pages list under "Policy", except rows
// for constructs without a domain.
func TestPartner_EachPack_NeedsListedAcceptances(t *testing.T) {
	out := synth(t, "partner", partnerContext(t))
	accepted, err := policy.Acceptances(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range partnerStages {
		for construct, page := range map[string]string{
			name + "/origin/Guard": "api-origin-guard.md", name + "/origin/Key": "data-key.md", name + "/edge/Edge": "waf-protected-api.md",
		} {
			var got []string
			for _, a := range accepted {
				if a.Construct == construct {
					got = append(got, a.Rule)
				}
			}
			if want := listedWithDomain(t, page); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
				t.Errorf("%s accepts %q, and %s lists %q", construct, got, page, want)
			}
		}
	}
}

// partnerContext returns the context that the CDK CLI would pass: the ids and the flags
// of cdk.json.
func partnerContext(t *testing.T) map[string]any {
	t.Helper()
	var file struct{ Context map[string]any }
	if err := json.Unmarshal([]byte(read(t, filepath.Join(absolute(t, "partner"), "cdk.json"))), &file); err != nil {
		t.Fatal(err)
	}
	maps.Copy(file.Context, map[string]any{"staging": "a1b2c3d4e5", "prod": "f6g7h8i9j0", "zone": "Z0123456789ABCDEFGHIJ"})
	return file.Context
}

// listedWithDomain returns the rules of the first table under "Policy" of a page.
func listedWithDomain(t *testing.T, page string) []string {
	t.Helper()
	_, section, found := strings.Cut(read(t, filepath.Join("..", "..", "docs", "constructs", page)), "\n## Policy\n")
	if !found {
		t.Fatalf("%s has no Policy", page)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	name := map[string]string{"api-origin-guard.md": "ApiOriginGuard", "data-key.md": "DataKey", "waf-protected-api.md": "WafProtectedApi"}[page]
	_, section, _ = strings.Cut(section, "What `"+name+"` needs accepted")
	section, _, _ = strings.Cut(section, "\nWhat `")
	rules := []string{}
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) == 4 && !strings.Contains(cells[2], "Without a `Domain`") {
			for _, rule := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				rules = append(rules, rule[1])
			}
		}
	}
	slices.Sort(rules)
	return rules
}

func outputOf(t *testing.T, stage *local.Stage, stack, key string) string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(stage.AWSConfig(local.Region)).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out.Stacks[0].Outputs {
		if aws.ToString(o.OutputKey) == key {
			return aws.ToString(o.OutputValue)
		}
	}
	t.Fatalf("%s has no output %s", stack, key)
	return ""
}

func secretOf(t *testing.T, stage *local.Stage, name string) string {
	t.Helper()
	out, err := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region)).GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("partner/" + name + "/origin")})
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &values); err != nil {
		t.Fatal("the origin's secret is no JSON object of texts")
	}
	return values["ORIGIN_SECRET"]
}

func getWithSecret(t *testing.T, url, secret string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		request.Header.Set("x-origin-secret", secret)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}
