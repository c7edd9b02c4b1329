package constructs_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/constructs"
)

// atTheEdge runs the function of a template as CloudFront would, in Node.js, and
// returns what it gives back, with the Host header for the origin as originHost, if it set
// one. (CDK needs Node.js as well.)
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
func atTheEdge(t *testing.T, template map[string]any, event string) map[string]any {
	t.Helper()
	code := at(only(t, template, "AWS::CloudFront::Function"), "Properties", "FunctionCode").(string)
	const origin = "let originHost; const cf = { updateRequestOrigin(o) { originHost = o.hostHeader; } };\n" // CloudFront's module
	code = strings.Replace(code, "import cf from 'cloudfront';\n", origin, 1)
	command := exec.Command("node", "-e", code+"\nconst result = handler("+event+"); if (typeof originHost === 'string') { result.originHost = originHost; }\nprocess.stdout.write(JSON.stringify(result));")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("the function failed: %v\n%s", err, stderr.String())
	}
	var result map[string]any
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("the function gave %q: %v", out, err)
	}
	return result
}

var webViews = constructs.EdgeCors{
	Origins: []string{"capacitor://localhost", "ionic://localhost"},
	Methods: []string{"GET", "POST"}, Headers: []string{"authorization", "content-type"},
	MaxAge: time.Minute, AllowCredentials: true,
}

func TestEdgeCors_KnownOrigin_AnswersPreflight(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) { p.Cors = webViews })
	answer := atTheEdge(t, template, `{"context": {"eventType": "viewer-request"}, "viewer": {"ip": "203.0.113.7"}, "request": {"method": "OPTIONS", "headers": {
		"origin": {"value": "ionic://localhost"}, "access-control-request-method": {"value": "POST"}}}}`)
	equal(t, "answer", any(answer), `{"statusCode": 204, "statusDescription": "No Content", "headers": {
		"access-control-allow-origin": {"value": "ionic://localhost"},
		"access-control-allow-credentials": {"value": "true"},
		"access-control-allow-methods": {"value": "GET, POST"},
		"access-control-allow-headers": {"value": "authorization, content-type"},
		"access-control-max-age": {"value": "60"},
		"vary": {"value": "Origin"}}}`)
}

func TestEdgeCors_OtherRequests_ReachTheAPI(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) { p.Cors = webViews })
	for name, request := range map[string]string{
		"another origin":      `{"method": "OPTIONS", "headers": {"origin": {"value": "https://evil.example"}, "access-control-request-method": {"value": "POST"}}}`,
		"the origin's prefix": `{"method": "OPTIONS", "headers": {"origin": {"value": "ionic://localhost.evil.example"}, "access-control-request-method": {"value": "POST"}}}`,
		"no origin":           `{"method": "OPTIONS", "headers": {}}`,
		"no preflight":        `{"method": "OPTIONS", "headers": {"origin": {"value": "ionic://localhost"}}}`,
		"a call":              `{"method": "POST", "headers": {"origin": {"value": "ionic://localhost"}, "access-control-request-method": {"value": "POST"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			answer := atTheEdge(t, template, `{"context": {"eventType": "viewer-request"}, "viewer": {"ip": "203.0.113.7"}, "request": `+request+`}`)
			withIP := strings.Replace(request, `"headers": {`, `"headers": {"true-client-ip": {"value": "203.0.113.7"}, `, 1)
			equal(t, "what goes on", any(answer), strings.Replace(withIP, ", }", "}", 1))
		})
	}
}

func TestEdgeCors_UnknownOrigin_CannotReadResponses(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) { p.Cors = webViews })
	answer := func(origin string) map[string]any {
		return atTheEdge(t, template, `{"context": {"eventType": "viewer-response"},
			"request": {"method": "GET", "headers": {"origin": {"value": "`+origin+`"}}},
			"response": {"statusCode": 200, "headers": {"vary": {"value": "Accept"}}}}`)
	}
	equal(t, "known", at(answer("capacitor://localhost"), "headers"), `{
		"access-control-allow-origin": {"value": "capacitor://localhost"},
		"access-control-allow-credentials": {"value": "true"},
		"vary": {"value": "Accept, Origin"}}`)
	equal(t, "unknown", at(answer("https://evil.example"), "headers"), `{"vary": {"value": "Accept"}}`)
}

func TestEdgeCors_Preflight_AllowsOnlyConfiguredValues(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) {
		p.Cors = constructs.EdgeCors{Origins: []string{"ionic://localhost"}}
	})
	answer := atTheEdge(t, template, `{"context": {"eventType": "viewer-request"}, "viewer": {"ip": "203.0.113.7"}, "request": {"method": "OPTIONS", "headers": {
		"origin": {"value": "ionic://localhost"}, "access-control-request-method": {"value": "POST"}}}}`)
	equal(t, "headers", at(answer, "headers"), `{
		"access-control-allow-origin": {"value": "ionic://localhost"},
		"access-control-allow-methods": {"value": "GET, POST, PUT, PATCH, DELETE"},
		"access-control-max-age": {"value": "300"},
		"vary": {"value": "Origin"}}`)
}

func TestEdgeFunction_ClientIP_ReplacesClientsHeader(t *testing.T) {
	template := edge(asItIs)
	for _, ip := range []string{"203.0.113.7", "2001:db8::7"} {
		answer := atTheEdge(t, template, `{"context": {"eventType": "viewer-request"}, "viewer": {"ip": "`+ip+`"}, "request": {"method": "GET", "headers": {
			"true-client-ip": {"value": "198.51.100.1", "multiValue": [{"value": "198.51.100.1"}, {"value": "198.51.100.2"}]}}}}`)
		equal(t, "headers", at(answer, "headers"), `{"true-client-ip": {"value": "`+ip+`"}}`)
	}
}

func TestEdgeFunction_WithoutOrigins_SeesRequestsOnly(t *testing.T) {
	associations := func(change func(*constructs.WafProtectedApiProps)) []any {
		list, _ := at(only(t, edge(change), "AWS::CloudFront::Distribution"),
			"Properties", "DistributionConfig", "DefaultCacheBehavior", "FunctionAssociations").([]any)
		return list
	}
	if without := associations(asItIs); len(without) != 1 {
		t.Errorf("%d triggers without origins", len(without))
	}
	with := associations(func(p *constructs.WafProtectedApiProps) { p.Cors = webViews })
	equal(t, "requests", at(with[0], "EventType"), `"viewer-request"`)
	equal(t, "answers", at(with[1], "EventType"), `"viewer-response"`)
	equal(t, "runtime", at(only(t, edge(asItIs), "AWS::CloudFront::Function"), "Properties", "FunctionConfig", "Runtime"), `"cloudfront-js-2.0"`)
}
