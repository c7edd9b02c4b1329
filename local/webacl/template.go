package webacl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"
)

// The types below are the parts of a template that this package reads. A field that no
// type has is an error, so that no condition is skipped.

type webACLProperties struct {
	Name                 string
	Scope                string
	DefaultAction        actionJSON
	Rules                []ruleJSON
	CustomResponseBodies map[string]struct{ ContentType, Content string }
	AssociationConfig    struct {
		RequestBody map[string]struct{ DefaultSizeInspectionLimit string }
	}
	// These have no influence on the evaluation.
	VisibilityConfig, DataProtectionConfig, Tags, Description json.RawMessage
}

type ruleJSON struct {
	Name             string
	Priority         float64
	Statement        statementJSON
	Action           *actionJSON
	OverrideAction   *struct{ Count, None *struct{} }
	RuleLabels       []struct{ Name string }
	VisibilityConfig json.RawMessage
}

type nameValue struct{ Name, Value string }

type actionJSON struct {
	Allow, Count *struct {
		CustomRequestHandling *struct{ InsertHeaders []nameValue }
	}
	Block *struct {
		CustomResponse *struct {
			ResponseCode          float64
			CustomResponseBodyKey string
			ResponseHeaders       []nameValue
		}
	}
}

// getAtt is the intrinsic function that refers to another resource's ARN.
type getAtt struct {
	Attribute []string `json:"Fn::GetAtt"`
}

// resource is a resource of a template.
type resource struct {
	Type       string
	Properties json.RawMessage
}

// parser compiles the statements of one web ACL.
type parser struct {
	resources map[string]resource
	bodies    map[string]struct{ ContentType, Content string }
	acl       *ACL
}

// New reads the web ACL with a logical id from a CloudFormation template in JSON. It
// returns an error when the web ACL needs something that this package does not
// evaluate.
func New(template []byte, logicalID string, o Options) (*ACL, error) {
	var parsed struct{ Resources map[string]resource }
	if err := json.Unmarshal(template, &parsed); err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	r, ok := parsed.Resources[logicalID]
	if !ok || r.Type != "AWS::WAFv2::WebACL" {
		return nil, fmt.Errorf("the template has no web ACL %q", logicalID)
	}
	var properties webACLProperties
	if err := decode(r.Properties, &properties); err != nil {
		return nil, fmt.Errorf("web ACL %s: %w", logicalID, err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &parser{resources: parsed.Resources, bodies: properties.CustomResponseBodies, acl: &ACL{name: properties.Name, options: o}}
	if err := p.webACL(properties); err != nil {
		return nil, fmt.Errorf("web ACL %s: %w", logicalID, err)
	}
	for prefix := range o.Countries {
		p.acl.prefixes = append(p.acl.prefixes, prefix)
	}
	slices.SortFunc(p.acl.prefixes, func(a, b netip.Prefix) int { return b.Bits() - a.Bits() })
	return p.acl, nil
}

// decode decodes JSON and refuses fields that the target does not have.
func decode(text []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(target)
}

func (p *parser) webACL(properties webACLProperties) (err error) {
	if p.acl.bodyLimit, err = bodyLimit(properties); err != nil {
		return err
	}
	if p.acl.defaultAction, err = p.action(properties.DefaultAction); err != nil {
		return fmt.Errorf("default action: %w", err)
	}
	slices.SortFunc(properties.Rules, func(a, b ruleJSON) int { return int(a.Priority - b.Priority) })
	for _, r := range properties.Rules {
		compiled, err := p.rule(r)
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
		p.acl.rules = append(p.acl.rules, compiled)
	}
	return nil
}

// bodyLimit returns how much of a body is inspected: 16 KB, or as much as the web ACL
// says for its type of resource.
// https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
func bodyLimit(properties webACLProperties) (int, error) {
	resource := properties.Scope
	if resource == "REGIONAL" {
		resource = "API_GATEWAY"
	}
	kilobytes := 16
	if size := properties.AssociationConfig.RequestBody[resource].DefaultSizeInspectionLimit; size != "" {
		if _, err := fmt.Sscanf(size, "KB_%d", &kilobytes); err != nil {
			return 0, fmt.Errorf("size inspection limit %q: %w", size, err)
		}
	}
	return kilobytes * 1024, nil
}

func (p *parser) rule(r ruleJSON) (rule, error) {
	compiled := rule{name: r.Name}
	for _, label := range r.RuleLabels {
		compiled.labels = append(compiled.labels, p.acl.ownLabels()+label.Name)
	}
	if managed := r.Statement.ManagedRuleGroupStatement; managed != nil {
		if r.OverrideAction == nil {
			return rule{}, fmt.Errorf("a rule group needs an OverrideAction")
		}
		group, err := p.managedGroup(managed)
		if err != nil {
			return rule{}, err
		}
		group.countOnly = r.OverrideAction.Count != nil
		compiled.group = group
		return compiled, nil
	}
	if r.Action == nil {
		return rule{}, fmt.Errorf("the action is missing")
	}
	var err error
	if compiled.action, err = p.action(*r.Action); err != nil {
		return rule{}, err
	}
	compiled.match, err = p.statement(r.Statement)
	return compiled, err
}

func (p *parser) managedGroup(s *managedRuleGroupJSON) (*managedGroup, error) {
	if s.VendorName != "AWS" {
		return nil, fmt.Errorf("rule group %s is of %s; only AWS's are known", s.Name, s.VendorName)
	}
	group := &managedGroup{name: s.Name, overrides: map[string]action{}}
	for _, override := range s.RuleActionOverrides {
		a, err := p.action(override.ActionToUse)
		if err != nil {
			return nil, fmt.Errorf("override of %s: %w", override.Name, err)
		}
		group.overrides[override.Name] = a
	}
	if s.ScopeDownStatement != nil {
		scope, err := p.statement(*s.ScopeDownStatement)
		if err != nil {
			return nil, err
		}
		group.scope = scope
	}
	return group, nil
}

func (p *parser) action(a actionJSON) (action, error) {
	switch {
	case a.Allow != nil:
		result := action{kind: actionAllow}
		if a.Allow.CustomRequestHandling != nil {
			result.inserted = insertedHeaders(a.Allow.CustomRequestHandling.InsertHeaders)
		}
		return result, nil
	case a.Count != nil:
		result := action{kind: actionCount}
		if a.Count.CustomRequestHandling != nil {
			result.inserted = insertedHeaders(a.Count.CustomRequestHandling.InsertHeaders)
		}
		return result, nil
	case a.Block != nil && a.Block.CustomResponse == nil:
		return blockedByDefault, nil
	case a.Block != nil:
		response := a.Block.CustomResponse
		result := action{kind: actionBlock, status: int(response.ResponseCode), header: http.Header{}}
		for _, header := range response.ResponseHeaders {
			result.header.Add(header.Name, header.Value)
		}
		if key := response.CustomResponseBodyKey; key != "" {
			body, ok := p.bodies[key]
			if !ok {
				return action{}, fmt.Errorf("the web ACL has no response body %q", key)
			}
			result.body = body.Content
			result.header.Set("Content-Type", map[string]string{
				"APPLICATION_JSON": "application/json", "TEXT_PLAIN": "text/plain", "TEXT_HTML": "text/html",
			}[body.ContentType])
		}
		return result, nil
	}
	return action{}, fmt.Errorf("the action is none of Allow, Block and Count")
}

// insertedHeaders returns the headers under the names that AWS WAF gives them.
// https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html
func insertedHeaders(list []nameValue) http.Header {
	headers := http.Header{}
	for _, header := range list {
		headers.Set("X-Amzn-Waf-"+header.Name, header.Value)
	}
	return headers
}

// properties decodes the properties of the resource that a reference to its ARN names.
func (p *parser) properties(arn getAtt, kind string, target any) error {
	if len(arn.Attribute) != 2 || arn.Attribute[1] != "Arn" || p.resources[arn.Attribute[0]].Type != kind {
		return fmt.Errorf("%v is no reference to an %s of the template", arn.Attribute, kind)
	}
	return json.Unmarshal(p.resources[arn.Attribute[0]].Properties, target)
}
