package webacl

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// statementJSON is a statement of a rule. Exactly one field is set.
type statementJSON struct {
	AndStatement, OrStatement *struct{ Statements []statementJSON }
	NotStatement              *struct{ Statement statementJSON }
	ByteMatchStatement        *struct {
		fieldJSON
		PositionalConstraint string
		SearchString         string
		SearchStringBase64   string
	}
	RegexMatchStatement *struct {
		fieldJSON
		RegexString string
	}
	RegexPatternSetReferenceStatement *struct {
		fieldJSON
		Arn getAtt
	}
	SizeConstraintStatement *struct {
		fieldJSON
		ComparisonOperator string
		Size               float64
	}
	GeoMatchStatement *struct {
		CountryCodes      []string
		ForwardedIPConfig *forwardedIPJSON
	}
	IPSetReferenceStatement *struct {
		Arn                    getAtt
		IPSetForwardedIPConfig *forwardedIPJSON
	}
	LabelMatchStatement       *struct{ Scope, Key string }
	RateBasedStatement        *rateBasedJSON
	ManagedRuleGroupStatement *managedRuleGroupJSON
}

type managedRuleGroupJSON struct {
	VendorName, Name    string
	RuleActionOverrides []struct {
		Name        string
		ActionToUse actionJSON
	}
	ScopeDownStatement *statementJSON
}

// forwardedIPJSON takes the address from a header.
type forwardedIPJSON struct{ HeaderName, FallbackBehavior, Position string }

type rateBasedJSON struct {
	Limit               float64
	EvaluationWindowSec float64
	AggregateKeyType    string
	ForwardedIPConfig   *forwardedIPJSON
	CustomKeys          []customKeyJSON
	ScopeDownStatement  *statementJSON
}

// statement compiles a statement.
func (p *parser) statement(s statementJSON) (match, error) {
	switch {
	case s.AndStatement != nil:
		all, err := p.statements(s.AndStatement.Statements)
		return func(e *evaluation) bool {
			return !slices.ContainsFunc(all, func(m match) bool { return !m(e) })
		}, err
	case s.OrStatement != nil:
		some, err := p.statements(s.OrStatement.Statements)
		return func(e *evaluation) bool {
			return slices.ContainsFunc(some, func(m match) bool { return m(e) })
		}, err
	case s.NotStatement != nil:
		inner, err := p.statement(s.NotStatement.Statement)
		return func(e *evaluation) bool { return !inner(e) }, err
	case s.ByteMatchStatement != nil:
		b := s.ByteMatchStatement
		return byteMatch(b.fieldJSON, b.PositionalConstraint, b.SearchString, b.SearchStringBase64)
	case s.RegexMatchStatement != nil:
		return regexMatch(s.RegexMatchStatement.fieldJSON, []string{s.RegexMatchStatement.RegexString})
	case s.RegexPatternSetReferenceStatement != nil:
		var set struct{ RegularExpressionList []string }
		if err := p.properties(s.RegexPatternSetReferenceStatement.Arn, "AWS::WAFv2::RegexPatternSet", &set); err != nil {
			return nil, err
		}
		return regexMatch(s.RegexPatternSetReferenceStatement.fieldJSON, set.RegularExpressionList)
	case s.SizeConstraintStatement != nil:
		c := s.SizeConstraintStatement
		compare, ok := comparisons[c.ComparisonOperator]
		if !ok {
			return nil, fmt.Errorf("unknown comparison %q", c.ComparisonOperator)
		}
		size := int(c.Size)
		return c.match(func(value string) bool { return compare(len(value), size) })
	case s.GeoMatchStatement != nil:
		g := s.GeoMatchStatement
		return addressMatch(g.ForwardedIPConfig, func(e *evaluation, address netip.Addr) bool {
			return slices.Contains(g.CountryCodes, e.acl.Country(address))
		})
	case s.IPSetReferenceStatement != nil:
		return p.ipSet(s.IPSetReferenceStatement.Arn, s.IPSetReferenceStatement.IPSetForwardedIPConfig)
	case s.LabelMatchStatement != nil:
		scope, key := s.LabelMatchStatement.Scope, s.LabelMatchStatement.Key
		return func(e *evaluation) bool { return e.hasLabel(scope, key) }, nil
	case s.RateBasedStatement != nil:
		return p.rateBased(s.RateBasedStatement)
	case s.ManagedRuleGroupStatement != nil:
		return nil, fmt.Errorf("a managed group inside another statement cannot exist")
	}
	return nil, fmt.Errorf("a statement is empty")
}

func (p *parser) statements(list []statementJSON) ([]match, error) {
	if len(list) < 2 {
		return nil, fmt.Errorf("AND and OR need two statements, not %d", len(list))
	}
	var all []match
	for _, s := range list {
		m, err := p.statement(s)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

func byteMatch(field fieldJSON, constraint, search, encoded string) (match, error) {
	if encoded != "" {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return nil, fmt.Errorf("search string: %w", err)
		}
		search = string(decoded)
	}
	var is func(value string) bool
	switch constraint {
	case "EXACTLY":
		is = func(value string) bool { return value == search }
	case "STARTS_WITH":
		is = func(value string) bool { return strings.HasPrefix(value, search) }
	case "ENDS_WITH":
		is = func(value string) bool { return strings.HasSuffix(value, search) }
	case "CONTAINS":
		is = func(value string) bool { return strings.Contains(value, search) }
	case "CONTAINS_WORD":
		word, err := regexp.Compile(`(^|[^A-Za-z0-9_])` + regexp.QuoteMeta(search) + `([^A-Za-z0-9_]|$)`)
		if err != nil {
			return nil, err
		}
		is = word.MatchString
	default:
		return nil, fmt.Errorf("unknown positional constraint %q", constraint)
	}
	return field.match(is)
}

func regexMatch(field fieldJSON, patterns []string) (match, error) {
	var all []*regexp.Regexp
	for _, pattern := range patterns {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("regular expression: %w", err)
		}
		all = append(all, compiled)
	}
	return field.match(func(value string) bool {
		return slices.ContainsFunc(all, func(r *regexp.Regexp) bool { return r.MatchString(value) })
	})
}

var comparisons = map[string]func(a, b int) bool{
	"EQ": func(a, b int) bool { return a == b },
	"NE": func(a, b int) bool { return a != b },
	"LE": func(a, b int) bool { return a <= b },
	"LT": func(a, b int) bool { return a < b },
	"GE": func(a, b int) bool { return a >= b },
	"GT": func(a, b int) bool { return a > b },
}

func (p *parser) ipSet(arn getAtt, forwarded *forwardedIPJSON) (match, error) {
	var set struct{ Addresses []string }
	if err := p.properties(arn, "AWS::WAFv2::IPSet", &set); err != nil {
		return nil, err
	}
	var prefixes []netip.Prefix
	for _, text := range set.Addresses {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("IP set: %w", err)
		}
		prefixes = append(prefixes, prefix)
	}
	return addressMatch(forwarded, func(_ *evaluation, address netip.Addr) bool {
		return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
	})
}

// addressMatch matches the address of the connection, or the addresses of a header.
func addressMatch(forwarded *forwardedIPJSON, is func(*evaluation, netip.Addr) bool) (match, error) {
	if forwarded == nil {
		return func(e *evaluation) bool { return is(e, e.Address) }, nil
	}
	if forwarded.Position != "" && !slices.Contains([]string{"FIRST", "LAST", "ANY"}, forwarded.Position) {
		return nil, fmt.Errorf("unknown position %q", forwarded.Position)
	}
	return func(e *evaluation) bool {
		addresses, ok := forwarded.addresses(e)
		if !ok {
			return forwarded.FallbackBehavior == "MATCH"
		}
		return slices.ContainsFunc(addresses, func(a netip.Addr) bool { return is(e, a) })
	}, nil
}

// addresses returns the addresses of the header at the position, by default the first.
// It reports false when the header is absent or has something else.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html
func (f *forwardedIPJSON) addresses(e *evaluation) ([]netip.Addr, bool) {
	var all []netip.Addr
	for _, value := range e.Header.Values(f.HeaderName) {
		for text := range strings.SplitSeq(value, ",") {
			address, err := netip.ParseAddr(strings.TrimSpace(text))
			if err != nil {
				return nil, false
			}
			all = append(all, address.Unmap())
		}
	}
	if len(all) == 0 {
		return nil, false
	}
	switch f.Position {
	case "ANY":
		return all, true
	case "LAST":
		return all[len(all)-1:], true
	}
	return all[:1], true
}

func (p *parser) rateBased(s *rateBasedJSON) (match, error) {
	key, err := aggregateKey(s)
	if err != nil {
		return nil, err
	}
	scope := func(*evaluation) bool { return true }
	if s.ScopeDownStatement != nil {
		if scope, err = p.statement(*s.ScopeDownStatement); err != nil {
			return nil, err
		}
	}
	window := 300 * time.Second // AWS's default
	if s.EvaluationWindowSec > 0 {
		window = time.Duration(s.EvaluationWindowSec) * time.Second
	}
	counter := newRateCounter(window)
	limit := int(s.Limit)
	return func(e *evaluation) bool {
		if !scope(e) {
			return false
		}
		k, counted, matched := key(e)
		if !counted {
			return matched
		}
		return counter.add(k, e.acl.options.Now()) > limit
	}, nil
}
