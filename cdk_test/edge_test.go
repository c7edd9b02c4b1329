package cdk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// eachEdge runs a test on every stage, with the resources of the edge's stack.
func eachEdge(t *testing.T, test func(t *testing.T, s stage, edge template)) {
	eachStage(t, func(t *testing.T, s stage) {
		edge, has := s.templates[s.config.PhysicalName("edge")]
		if !has {
			t.Fatal("the stage has no edge stack")
		}
		test(t, s, edge)
	})
}

// only returns the one resource of a type in a template, as JSON.
func only(t *testing.T, in template, kind string) (string, resource) {
	t.Helper()
	var found []resource
	for _, r := range in.Resources {
		if r.Type == kind {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d %s, want one", len(found), kind)
	}
	return text(found[0].Properties), found[0]
}

// contains reports an error for each text that the properties lack.
func contains(t *testing.T, what, properties string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(properties, want) {
			t.Errorf("%s lacks %s: %s", what, want, properties)
		}
	}
}

func TestEdge_KnowsOtherStacksByNameOnly(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		if all := text(edge); strings.Contains(all, "Fn::ImportValue") || strings.Contains(all, "Fn::GetStackOutput") {
			t.Error("the edge refers to another stack")
		}
		for _, before := range []string{"core", "api-stage"} {
			if !slices.Contains(s.after[s.config.PhysicalName("edge")], s.config.PhysicalName(before)) {
				t.Errorf("the edge is not deployed after %s", before)
			}
		}
	})
}

func TestEdge_Distribution_SendsProofToOriginOverTLS(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		distribution, _ := only(t, edge, "AWS::CloudFront::Distribution")
		contains(t, "the distribution", distribution,
			`"Aliases":["`+s.config.API.Domain+`"]`,
			`"DomainName":"origin-`+s.config.API.Domain+`"`,
			`"HeaderName":"x-origin-secret","HeaderValue":"{{resolve:secretsmanager:expenzez/`+s.config.Stage+`/origin:SecretString:ORIGIN_SECRET::}}"`,
			`"OriginProtocolPolicy":"https-only"`, `"OriginSSLProtocols":["TLSv1.2"]`,
			`"ViewerProtocolPolicy":"https-only"`, `"MinimumProtocolVersion":"TLSv1.2_2021"`,
			`"CachePolicyId":"4135ea2d-6df8-44a3-9df3-4b5a84be39ad"`, // CachingDisabled
			`"Compress":false`, `"WebACLId"`, `"ResponseHeadersPolicyId"`)
		s.named(t, "AWS::CertificateManager::Certificate", "DomainName", s.config.API.Domain)
	})
}

func TestEdge_Names_AreRecordsOrOutputs(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		if s.config.API.Edge.Zone.ID == "" {
			if !strings.Contains(text(edge.Outputs), "Make "+s.config.API.Domain) {
				t.Errorf("no output asks for the record: %s", text(edge.Outputs))
			}
			return
		}
		var kinds []string
		for _, r := range edge.Resources {
			if r.Type == "AWS::Route53::RecordSet" && r.Properties["Name"] == s.config.API.Domain+"." {
				kinds = append(kinds, text(r.Properties["Type"]))
			}
		}
		slices.Sort(kinds)
		if got := strings.Join(kinds, ""); got != `"A""AAAA"` {
			t.Errorf("the records are %s", got)
		}
	})
}

func TestEdge_Responses_HaveSecurityHeaders(t *testing.T) {
	eachEdge(t, func(t *testing.T, _ stage, edge template) {
		headers, _ := only(t, edge, "AWS::CloudFront::ResponseHeadersPolicy")
		contains(t, "the response headers", headers,
			"StrictTransportSecurity", `"ContentTypeOptions":{"Override":true}`, `"FrameOption":"DENY"`, `"ReferrerPolicy":"no-referrer"`)
	})
}

// rule is what the tests need of a web ACL's rule.
type rule struct {
	Name      string
	Statement struct {
		RateBasedStatement *struct {
			Limit              int
			AggregateKeyType   string
			ScopeDownStatement any
		}
		ManagedRuleGroupStatement *struct{ Name string }
	}
	Action map[string]struct {
		CustomResponse struct {
			ResponseCode          int
			CustomResponseBodyKey string
			ResponseHeaders       []struct{ Name, Value string }
		}
	}
	RuleLabels []struct{ Name string }
}

func rulesOf(t *testing.T, edge template) map[string]rule {
	t.Helper()
	_, acl := only(t, edge, "AWS::WAFv2::WebACL")
	var list []rule
	if err := json.Unmarshal([]byte(text(acl.Properties["Rules"])), &list); err != nil {
		t.Fatal(err)
	}
	rules := map[string]rule{}
	for _, r := range list {
		rules[r.Name] = r
	}
	return rules
}

func TestEdge_ManagedGroups_BlockExceptAnonymousIP(t *testing.T) {
	eachEdge(t, func(t *testing.T, _ stage, edge template) {
		rules := rulesOf(t, edge)
		for group, blocks := range map[string]bool{
			"AWSManagedRulesCommonRuleSet": true, "AWSManagedRulesKnownBadInputsRuleSet": true, "AWSManagedRulesSQLiRuleSet": true,
			"AWSManagedRulesAmazonIpReputationList": true, "AWSManagedRulesAnonymousIpList": false,
		} {
			if rules[group].Statement.ManagedRuleGroupStatement == nil {
				t.Errorf("the web ACL lacks %s", group)
			}
			if labels := rules[group+"Found"].RuleLabels; blocks != (len(labels) == 1 && labels[0].Name == "blocked:refused") {
				t.Errorf("%s: it blocks: %v, its rule labels %v", group, !blocks, labels)
			}
		}
	})
}

// A rule labels what it blocks, and a last rule answers each kind of block on each kind
// of path. AWS WAF allows 100 response headers in a web ACL.
func TestEdge_BlockedRequests_AreAnswered400Or429(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		answered, labelled, headers := map[string]int{}, map[string]int{}, 0
		for name, r := range rulesOf(t, edge) {
			for _, label := range r.RuleLabels {
				labelled[label.Name]++
			}
			if block, has := r.Action["Block"]; has {
				answered[fmt.Sprint(block.CustomResponse.ResponseCode, " ", block.CustomResponse.CustomResponseBodyKey)]++
				headers += len(block.CustomResponse.ResponseHeaders)
				if !strings.HasPrefix(name, "Answer") {
					t.Errorf("%s answers by itself", name)
				}
			}
		}
		if want := "map[400 refused:1 400 refused-1:1 429 too-many-requests:1 429 too-many-requests-1:1]"; fmt.Sprint(answered) != want {
			t.Errorf("answered: %v, want %s", answered, want)
		}
		rates := 7
		if s.config.API.Edge.HasForwarder() {
			rates = 10 // AWS WAF allows no more
		}
		if labelled["blocked:too-many-requests-300"] != rates || labelled["blocked:refused"] < 6 || len(labelled) != 2 || headers > 100 {
			t.Errorf("labelled: %v; %d headers", labelled, headers)
		}
	})
}

func TestEdge_Rates_AreTighterOnSignInAndSeparateForRefresh(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		rates, limits := s.config.API.Edge.Rates, map[string]int{}
		for _, r := range rulesOf(t, edge) {
			rate := r.Statement.RateBasedStatement
			if rate == nil || strings.HasPrefix(r.Name, "Forwarded") {
				continue
			}
			scope, path := text(rate.ScopeDownStatement), firstPath(rate.ScopeDownStatement)
			limits[path] = rate.Limit
			excluded := strings.Contains(scope, `"NotStatement":{"Statement":{"ByteMatchStatement":{"FieldToMatch":{"UriPath":{}},"PositionalConstraint":"STARTS_WITH","SearchString":"/auth/refresh"`)
			if covers := r.Name == "RatePerAddress" || path == "/auth/"; excluded != covers {
				t.Errorf("%s leaves renewals out: %v, want %v: %s", r.Name, excluded, covers, scope)
			}
		}
		want := map[string]int{
			"": rates.All, "/auth/": rates.Auth, "/auth/refresh": rates.Refresh, "/auth/register": rates.Registrations, "/auth/confirm-": rates.Codes,
			"^(?:/transactions/import|/transactions/parse-statement)": rates.Imports, "/ai/": rates.AI,
		}
		if fmt.Sprint(limits) != fmt.Sprint(want) {
			t.Errorf("the limits are %v, want %v", limits, want)
		}
		if rates.Auth >= rates.All || rates.Registrations >= rates.Auth || rates.Codes >= rates.Auth {
			t.Errorf("sign-in, registrations and codes are not tighter: %+v", rates)
		}
	})
}

// firstPath returns the first path that a rate's scope includes, or "" for all paths.
func firstPath(scope any) string {
	switch s := scope.(type) {
	case []any:
		for _, part := range s {
			if path := firstPath(part); path != "" {
				return path
			}
		}
	case map[string]any:
		if path, _ := s["SearchString"].(string); strings.HasPrefix(path, "/") {
			return path
		}
		if regex, _ := s["RegexString"].(string); regex != "" {
			return regex
		}
		for kind, part := range s {
			if path := firstPath(part); kind != "NotStatement" && path != "" {
				return path
			}
		}
	}
	return ""
}

func TestEdge_Forwarder_IsDatedAndProvesItself(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		has := s.config.API.Edge.HasForwarder()
		acl, _ := only(t, edge, "AWS::WAFv2::WebACL")
		proof := `"SearchString":"{{resolve:secretsmanager:expenzez/` + s.config.Stage + `/forwarder:SecretString:FORWARDER_SECRET::}}"`
		if got := strings.Contains(acl, proof); got != has {
			t.Errorf("the web ACL asks for the forwarder's proof: %v, want %v", got, has)
		}
		forwarded, others := 0, 0
		for _, r := range rulesOf(t, edge) {
			rate := r.Statement.RateBasedStatement
			if rate == nil {
				continue
			}
			if scope := text(rate.ScopeDownStatement); rate.AggregateKeyType == "FORWARDED_IP" {
				forwarded++
				if !strings.Contains(scope, proof) || strings.Contains(scope, `{"NotStatement":{"Statement":{"AndStatement"`) {
					t.Errorf("%s counts requests without proof: %s", r.Name, scope)
				}
			} else if others++; has && !strings.Contains(scope, `{"NotStatement":{"Statement":{"AndStatement"`) {
				t.Errorf("%s counts forwarded requests: %s", r.Name, scope)
			}
		}
		if (forwarded > 0) != has || others < 6 {
			t.Errorf("%d rates count forwarded addresses, %d others", forwarded, others)
		}
		dated := 0
		for _, f := range s.ofType("AWS::Lambda::Function") {
			if text(f.Properties["Environment"]) != "null" && strings.Contains(text(f.Properties["Environment"]), `"FORWARDER_UNTIL":"`+s.config.API.Edge.ForwarderUntil.Format(time.RFC3339)+`"`) {
				dated++
			}
		}
		if (dated > 0) != has {
			t.Errorf("%d functions know the forwarder's end", dated)
		}
	})
}

// Every path with a rate of its own below a declared domain must exist, or the rate
// limits nothing.
func TestEdge_RateOfAuthPaths_CoversDeclaredRoutes(t *testing.T) {
	eachEdge(t, func(t *testing.T, _ stage, edge template) {
		for _, r := range rulesOf(t, edge) {
			if r.Statement.RateBasedStatement == nil {
				continue
			}
			path := firstPath(r.Statement.RateBasedStatement.ScopeDownStatement)
			if !strings.HasPrefix(path, "/auth/") {
				continue
			}
			if !slices.ContainsFunc(declaredPaths(), func(declared string) bool { return strings.HasPrefix(declared, path) }) {
				t.Errorf("no route begins with %s", path)
			}
		}
	})
}

func declaredPaths() []string {
	var paths []string
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if _, path, has := strings.Cut(route.Key, " "); has && route.Key != function.FallbackKey {
					paths = append(paths, path)
				}
			}
		}
	}
	return paths
}

func TestEdge_Countries_ComeFromConfig(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		acl, _ := only(t, edge, "AWS::WAFv2::WebACL")
		for _, country := range s.config.API.Edge.Countries {
			contains(t, "the web ACL", acl, `"`+country+`"`)
		}
		if restricted := strings.Contains(acl, "GeoMatchStatement"); restricted != (len(s.config.API.Edge.Countries) > 0) {
			t.Errorf("the web ACL restricts countries: %v", restricted)
		}
	})
}

func TestEdge_Logs_AreRedactedAndKeptAsConfigured(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		logging, _ := only(t, edge, "AWS::WAFv2::LoggingConfiguration")
		contains(t, "the web ACL's log", logging, `"authorization"`, `"cookie"`, `"QueryString"`, `"DefaultBehavior":"DROP"`)
		delivery, _ := only(t, edge, "AWS::Logs::Delivery")
		for _, personal := range []string{"c-ip", "cs-uri-stem", "cs-uri-query", "cs(Cookie)", "cs(User-Agent)"} {
			if strings.Contains(delivery, `"`+personal+`"`) {
				t.Errorf("the access log holds %s", personal)
			}
		}
		for id, r := range edge.Resources {
			if r.Type == "AWS::Logs::LogGroup" && r.Properties["RetentionInDays"] != float64(s.config.Logs.RetentionDays) {
				t.Errorf("%s keeps events for %v days", id, r.Properties["RetentionInDays"])
			}
		}
	})
}

func TestEdge_Function_SetsClientIPAndAnswersWebViewsExactly(t *testing.T) {
	eachEdge(t, func(t *testing.T, _ stage, edge template) {
		_, function := only(t, edge, "AWS::CloudFront::Function")
		code, _ := function.Properties["FunctionCode"].(string)
		contains(t, "the function", code,
			`"origins":["capacitor://localhost","ionic://localhost"]`, `"credentials":true`, `"maxAge":"300"`,
			`request.headers['true-client-ip'] = { value: event.viewer.ip }`)
	})
}

func TestEdge_Alarms_WatchBlocksAndErrors(t *testing.T) {
	eachEdge(t, func(t *testing.T, s stage, edge template) {
		watched := map[string]bool{}
		for id, r := range edge.Resources {
			if r.Type != "AWS::CloudWatch::Alarm" {
				continue
			}
			alarm := text(r.Properties)
			contains(t, id, alarm, `"AlarmActions":[{"Ref":"Alerts`, "runbooks/edge.md#")
			for _, metric := range []string{"BlockedRequests", "AllowedRequests", "5xxErrorRate"} {
				watched[metric] = watched[metric] || strings.Contains(alarm, metric)
			}
		}
		if !watched["BlockedRequests"] || !watched["AllowedRequests"] || !watched["5xxErrorRate"] {
			t.Errorf("the alarms watch %v", watched)
		}
	})
}

func TestStacks_HaveAtMost400Resources(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			if n := len(template.Resources); n > 400 {
				t.Errorf("%s has %d resources", name, n)
			}
		}
	})
}
