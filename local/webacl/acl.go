package webacl

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options connect a web ACL to what its template does not contain. The zero value is
// ready to use for web ACLs without managed rule groups.
type Options struct {
	// Managed finds the rules of managed groups that match. Default: none match.
	Managed ManagedRules
	// Countries gives the country of addresses as an ISO 3166 code of two letters. The
	// longest prefix with the address decides. Default: every address is in no country,
	// "XX".
	Countries map[netip.Prefix]string
	// Now is the clock of rate-based rules. Default: time.Now.
	Now func() time.Time
}

// ManagedRules finds the rules of AWS's managed groups that match a request.
type ManagedRules interface {
	// Matches returns the matching rules of all groups, those of one group in the order
	// in which the group runs them. The body is the part that AWS WAF inspects.
	Matches(r *Request) []ManagedMatch
}

// ManagedMatch is a rule of a managed group that matches a request.
type ManagedMatch struct {
	// Group is AWS's name of the group, such as "AWSManagedRulesSQLiRuleSet".
	Group string
	// Rule is AWS's name of the rule, such as "SQLi_BODY".
	Rule string
	// Label is the label that the rule adds, such as
	// "awswaf:managed:aws:sql-database:SQLi_Body".
	Label string
}

// Request is a request as AWS WAF receives it.
type Request struct {
	// Address is the address of the connection.
	Address netip.Addr
	// Method is the HTTP method.
	Method string
	// Path is the path as the client spelled it, still encoded.
	Path string
	// Query is the query string without the question mark, still encoded.
	Query string
	// Header has the headers. Host is a header too.
	Header http.Header
	// Body is the body, or its beginning: ACL.BodyLimit bytes and one more are enough.
	Body []byte
}

// Decision is what a web ACL does with a request.
type Decision struct {
	// Rule is the name of the rule that ended the evaluation; it is empty when the
	// default action applied.
	Rule string
	// Block reports whether the request is refused. The other fields of the response
	// are zero when it is not.
	Block bool
	// Status, Header and Body are the response to a blocked request.
	Status int
	Header http.Header
	Body   string
	// Counted are the names of matching rules that only counted.
	Counted []string
	// Labels are the labels that rules added to the request.
	Labels []string
	// InsertedHeaders are the headers that AWS WAF adds to the request.
	InsertedHeaders http.Header
}

// ACL is a web ACL. Its methods may be called concurrently.
type ACL struct {
	name          string
	rules         []rule
	defaultAction action
	bodyLimit     int
	options       Options
	prefixes      []netip.Prefix // of options.Countries, the longest first
}

// rule is a rule of a web ACL.
type rule struct {
	name   string
	match  match
	group  *managedGroup // instead of match
	action action
	labels []string
}

// managedGroup is the reference to a managed rule group.
type managedGroup struct {
	name      string
	scope     match // nil: every request
	overrides map[string]action
	countOnly bool
}

type actionKind int

const (
	actionBlock actionKind = iota
	actionAllow
	actionCount
)

// action is what happens to a request that a rule matches.
type action struct {
	kind     actionKind
	status   int
	header   http.Header
	body     string
	inserted http.Header
}

// blockedByDefault is AWS WAF's block action without a custom response.
var blockedByDefault = action{kind: actionBlock, status: http.StatusForbidden}

// evaluation is the state of one request.
type evaluation struct {
	*Request
	acl      *ACL
	decision Decision
	managed  func() []ManagedMatch
}

// match reports whether a statement matches.
type match func(e *evaluation) bool

// BodyLimit returns how many bytes of a body the web ACL inspects.
func (a *ACL) BodyLimit() int { return a.bodyLimit }

// Evaluate returns the decision about a request.
func (a *ACL) Evaluate(r *Request) Decision {
	e := &evaluation{Request: r, acl: a, managed: sync.OnceValue(func() []ManagedMatch { return a.managedMatches(r) })}
	for _, rule := range a.rules {
		if rule.group != nil {
			if end, action := e.runGroup(rule); end {
				return e.end(rule.name, action)
			}
			continue
		}
		if !rule.match(e) {
			continue
		}
		for _, label := range rule.labels {
			e.addLabel(label)
		}
		if rule.action.kind != actionCount {
			return e.end(rule.name, rule.action)
		}
		e.insert(rule.action)
		e.decision.Counted = append(e.decision.Counted, rule.name)
	}
	return e.end("", a.defaultAction)
}

// runGroup runs a managed group. It reports whether the evaluation ends and with which
// action. A rule whose action is Count lets the group continue; a rule with another
// action ends the group, even when the web ACL then only counts that action.
func (e *evaluation) runGroup(r rule) (end bool, result action) {
	if r.group.scope != nil && !r.group.scope(e) {
		return false, action{}
	}
	for _, found := range e.managed() {
		if found.Group != r.group.name {
			continue
		}
		e.addLabel(found.Label)
		result, overridden := r.group.overrides[found.Rule]
		if !overridden {
			result = blockedByDefault
		}
		if r.group.countOnly || result.kind == actionCount {
			e.decision.Counted = append(e.decision.Counted, r.name+"/"+found.Rule)
		}
		if result.kind == actionCount {
			continue
		}
		return !r.group.countOnly, result
	}
	return false, action{}
}

// managedMatches returns the matches of all managed groups in the part of the request
// that is inspected.
func (a *ACL) managedMatches(r *Request) []ManagedMatch {
	if a.options.Managed == nil {
		return nil
	}
	inspected := *r
	inspected.Body = r.Body[:min(len(r.Body), a.bodyLimit)]
	return a.options.Managed.Matches(&inspected)
}

func (e *evaluation) end(rule string, a action) Decision {
	e.decision.Rule = rule
	if a.kind == actionBlock {
		e.decision.Block, e.decision.Status, e.decision.Header, e.decision.Body = true, a.status, a.header, a.body
	} else {
		e.insert(a)
	}
	return e.decision
}

func (e *evaluation) insert(a action) {
	for name, values := range a.inserted {
		if e.decision.InsertedHeaders == nil {
			e.decision.InsertedHeaders = http.Header{}
		}
		e.decision.InsertedHeaders[name] = values
	}
}

func (e *evaluation) addLabel(label string) {
	if label != "" && !slices.Contains(e.decision.Labels, label) {
		e.decision.Labels = append(e.decision.Labels, label)
	}
}

// Country returns the country of an address, or XX where it is not known.
func (a *ACL) Country(address netip.Addr) string {
	for _, prefix := range a.prefixes {
		if prefix.Contains(address.Unmap()) {
			return a.options.Countries[prefix]
		}
	}
	return "XX" // AWS WAF's code for addresses of no known country
}

// ownLabels is the namespace of the labels that the web ACL's own rules add.
func (a *ACL) ownLabels() string { return "awswaf:000000000000:webacl:" + a.name + ":" }

// hasLabel reports whether the request has a label. A rule of this web ACL may leave
// out the namespace of the web ACL's own labels.
func (e *evaluation) hasLabel(scope, key string) bool {
	return slices.ContainsFunc(e.decision.Labels, func(label string) bool {
		own, isOwn := strings.CutPrefix(label, e.acl.ownLabels())
		if scope == "NAMESPACE" {
			return strings.HasPrefix(label, key) || isOwn && strings.HasPrefix(own, key)
		}
		return label == key || isOwn && own == key
	})
}
