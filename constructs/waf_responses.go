package constructs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// BlockResponses are the responses to blocked requests. The status is 429 for too many
// requests and 400 for all others. It is never 403, AWS WAF's own status, which clients
// could confuse with the API's. A body has at most 4096 bytes.
type BlockResponses struct {
	// TooManyRequests is the JSON body for 429, which also has a Retry-After header.
	// Default:
	// {"error":{"code":"TOO_MANY_REQUESTS","message":"Too many requests. Try again later."}}
	TooManyRequests string
	// Refused is the JSON body for 400. Default:
	// {"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}
	Refused string
	// PerPath are other bodies for single paths. The longest matching prefix applies.
	// Default: none.
	PerPath []PathResponses
	// Headers are further headers. WafProtectedApi also sends the security headers of
	// its other responses. Default: none.
	Headers map[string]string
}

// PathResponses are the bodies of blocked requests under a path prefix.
type PathResponses struct {
	// PathPrefix is how the client writes the paths, such as "/auth/". Required.
	PathPrefix string
	// TooManyRequests is the JSON body for 429. Required.
	TooManyRequests string
	// Refused is the JSON body for 400. Required.
	Refused string
}

// Keys of the web ACL's custom responses.
const (
	responseTooManyRequests = "too-many-requests"
	responseRefused         = "refused"
)

func (b BlockResponses) withDefaults() BlockResponses {
	b.TooManyRequests = orDefault(b.TooManyRequests,
		`{"error":{"code":"TOO_MANY_REQUESTS","message":"Too many requests. Try again later."}}`)
	b.Refused = orDefault(b.Refused,
		`{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}`)
	b.PerPath = slices.Clone(b.PerPath)
	slices.SortStableFunc(b.PerPath, func(x, y PathResponses) int { return len(y.PathPrefix) - len(x.PathPrefix) })
	return b
}

func (b BlockResponses) check(prop string, p *problems) {
	p.requireResponse(prop+".TooManyRequests", b.TooManyRequests)
	p.requireResponse(prop+".Refused", b.Refused)
	seen := map[string]bool{}
	for i, path := range b.PerPath {
		at := fmt.Sprintf("%s.PerPath[%d]", prop, i)
		p.requirePathPrefix(at+".PathPrefix", path.PathPrefix, seen)
		p.requireResponse(at+".TooManyRequests", path.TooManyRequests)
		p.requireResponse(at+".Refused", path.Refused)
	}
	for name := range b.Headers {
		p.require(name != "" && !strings.EqualFold(name, "content-type") && !strings.EqualFold(name, "retry-after"), prop+".Headers",
			"has %q; Content-Type and Retry-After are the construct's", name)
	}
}

// bodies returns the custom response bodies of the web ACL by key. Those of PerPath[i]
// have the key of the default and a number.
func (b BlockResponses) bodies() map[string]any {
	all := map[string]any{responseTooManyRequests: jsonResponse(b.TooManyRequests), responseRefused: jsonResponse(b.Refused)}
	for i, path := range b.PerPath {
		all[fmt.Sprintf("%s-%d", responseTooManyRequests, i+1)] = jsonResponse(path.TooManyRequests)
		all[fmt.Sprintf("%s-%d", responseRefused, i+1)] = jsonResponse(path.Refused)
	}
	return all
}

// verdict is why a rule blocks a request: too many in the window, or refused if the
// window is zero.
type verdict struct{ window time.Duration }

// refused returns the verdict of a rule that refuses requests, or nil if it only counts.
func refused(action RuleAction) *verdict {
	if action == RuleCount {
		return nil
	}
	return &verdict{}
}

// tooMany returns the verdict of a rate-based rule, or nil if it only counts.
func tooMany(action RuleAction, window time.Duration) *verdict {
	if action == RuleCount {
		return nil
	}
	return &verdict{window: window}
}

func (v verdict) label() string {
	if v.window == 0 {
		return "blocked:" + responseRefused
	}
	return fmt.Sprintf("blocked:%s-%d", responseTooManyRequests, int(v.window.Seconds()))
}

func (v verdict) answerName() string {
	if v.window == 0 {
		return "AnswerRefused"
	}
	return fmt.Sprintf("AnswerTooManyRequests%d", int(v.window.Seconds()))
}

// answer returns the action that blocks with the body of a key, without a suffix for the
// default.
func (r WebACLRules) answer(v verdict, suffix string) map[string]any {
	status, key := 400, responseRefused
	headers := maps.Clone(r.Responses.Headers)
	if headers == nil {
		headers = map[string]string{}
	}
	if r.edge {
		for _, header := range securityHeaders {
			headers[header.name] = header.value
		}
	}
	if v.window > 0 {
		status, key = 429, responseTooManyRequests
		headers["Retry-After"] = fmt.Sprint(int(v.window.Seconds()))
	}
	response := map[string]any{"responseCode": status, "customResponseBodyKey": key + suffix}
	var list []any
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list = append(list, map[string]any{"name": name, "value": headers[name]})
	}
	if list != nil {
		response["responseHeaders"] = list
	}
	return map[string]any{"block": map[string]any{"customResponse": response}}
}

// answered gives the rules their actions. With answersLast, a rule only labels what it
// blocks, and a last rule for each kind of response blocks by label. A web ACL has at
// most 100 response headers, which is less than each rule with each header needs.
// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
func (r WebACLRules) answered(rules []wafRule) []wafRule {
	var verdicts []verdict
	for i, rule := range rules {
		switch v := rule.verdict; {
		case rule.managed || rule.action != nil:
		case v == nil:
			rules[i].action = map[string]any{"count": map[string]any{}}
		case !r.answersLast:
			rules[i].action = r.answer(*v, "")
		default:
			rules[i].action, rules[i].label = map[string]any{"count": map[string]any{}}, v.label()
			if !slices.Contains(verdicts, *v) {
				verdicts = append(verdicts, *v)
			}
		}
	}
	// Too many requests, the longest window first, before refused ones.
	slices.SortFunc(verdicts, func(a, b verdict) int { return int(b.window - a.window) })
	for i, path := range r.Responses.PerPath {
		for _, v := range verdicts {
			rules = append(rules, wafRule{
				name:      ruleName(v.answerName()+"Path", i, path.PathPrefix),
				statement: allOf(labelMatch(v.label()), pathWrittenUnder(path.PathPrefix)), action: r.answer(v, fmt.Sprintf("-%d", i+1)),
			})
		}
	}
	for _, v := range verdicts {
		rules = append(rules, wafRule{name: v.answerName(), statement: labelMatch(v.label()), action: r.answer(v, "")})
	}
	return rules
}
