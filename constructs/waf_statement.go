package constructs

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// wafStatement is the statement of a rule with its cost in web ACL capacity units.
// AWS may charge less if statements share a text transformation, but never more.
//
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-match.html
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
type wafStatement struct {
	content map[string]any // in the form of CfnWebACL_StatementProperty
	wcu     int
}

const (
	wcuOfRate           = 2
	wcuOfIPSet          = 1
	wcuOfGeo            = 1
	wcuOfSize           = 1
	wcuOfLabel          = 1
	wcuOfPrefix         = 2
	wcuOfTransformation = 10
	wcuOfRegex          = 3
	wcuOfRegexSet       = 25
)

// decodedPath makes a path comparable, however the client encodes it.
var decodedPath = []any{
	map[string]any{"priority": 0, "type": "URL_DECODE"},
	map[string]any{"priority": 1, "type": "NORMALIZE_PATH"},
}

// pathUnder matches paths that begin with prefix, after URL decoding and path
// normalization.
func pathUnder(prefix string) wafStatement {
	return wafStatement{
		content: map[string]any{"byteMatchStatement": map[string]any{
			"fieldToMatch":         map[string]any{"uriPath": map[string]any{}},
			"positionalConstraint": "STARTS_WITH",
			"searchString":         prefix,
			"textTransformations":  decodedPath,
		}},
		wcu: wcuOfPrefix + 2*wcuOfTransformation,
	}
}

// pathUnderAny matches paths under any of the prefixes. One regular expression has the
// cost of one prefix.
func pathUnderAny(prefixes []string) wafStatement {
	if len(prefixes) == 1 {
		return pathUnder(prefixes[0])
	}
	var quoted []string
	for _, prefix := range prefixes {
		quoted = append(quoted, regexp.QuoteMeta(prefix))
	}
	return wafStatement{
		content: map[string]any{"regexMatchStatement": map[string]any{
			"fieldToMatch":        map[string]any{"uriPath": map[string]any{}},
			"regexString":         "^(?:" + strings.Join(quoted, "|") + ")",
			"textTransformations": decodedPath,
		}},
		wcu: wcuOfRegex + 2*wcuOfTransformation,
	}
}

// pathWrittenUnder matches paths that the client writes with the prefix, without
// decoding. It costs a tenth of pathUnder and can be evaded, so it never decides whether
// a request is blocked.
func pathWrittenUnder(prefix string) wafStatement {
	return wafStatement{
		content: map[string]any{"byteMatchStatement": map[string]any{
			"fieldToMatch":         map[string]any{"uriPath": map[string]any{}},
			"positionalConstraint": "STARTS_WITH",
			"searchString":         prefix,
			"textTransformations":  []any{map[string]any{"priority": 0, "type": "NONE"}},
		}},
		wcu: wcuOfPrefix,
	}
}

// bodyMatchesAny matches bodies by a regex pattern set, with JSON's escapes decoded.
func bodyMatchesAny(setARN string) wafStatement {
	return wafStatement{
		content: map[string]any{"regexPatternSetReferenceStatement": map[string]any{
			"arn":                 setARN,
			"fieldToMatch":        map[string]any{"body": map[string]any{"oversizeHandling": "CONTINUE"}},
			"textTransformations": []any{map[string]any{"priority": 0, "type": "JS_DECODE"}},
		}},
		wcu: wcuOfRegexSet + wcuOfTransformation,
	}
}

// bodyOver matches bodies longer than bytes, including bodies that AWS WAF cannot
// inspect to the end.
func bodyOver(bytes int) wafStatement {
	return wafStatement{
		content: map[string]any{"sizeConstraintStatement": map[string]any{
			"fieldToMatch":        map[string]any{"body": map[string]any{"oversizeHandling": "MATCH"}},
			"comparisonOperator":  "GT",
			"size":                bytes,
			"textTransformations": []any{map[string]any{"priority": 0, "type": "NONE"}},
		}},
		wcu: wcuOfSize,
	}
}

// fromCountries matches addresses of the countries: the connection's address, or the
// forwarded one. It uses several statements if there are too many countries for one.
func fromCountries(codes []string, forwarded bool) wafStatement {
	var statements []wafStatement
	for some := range slices.Chunk(codes, countriesOfStatement.max) {
		geo := map[string]any{"countryCodes": some}
		if forwarded {
			geo["forwardedIpConfig"] = forwardedAddress
		}
		statements = append(statements, wafStatement{content: map[string]any{"geoMatchStatement": geo}, wcu: wcuOfGeo})
	}
	return anyOf(statements...)
}

// labelMatch matches requests that an earlier rule labelled. A label that ends in a
// colon is a namespace and matches every label in it.
func labelMatch(label string) wafStatement {
	scope := "LABEL"
	if strings.HasSuffix(label, ":") {
		scope = "NAMESPACE"
	}
	return wafStatement{
		content: map[string]any{"labelMatchStatement": map[string]any{"scope": scope, "key": label}},
		wcu:     wcuOfLabel,
	}
}

// rateOver matches an address after it has sent more requests in the window: the
// connection's address, or the forwarded one. Only requests that match of count, or all
// if of is the zero statement.
func rateOver(requests int, window time.Duration, forwarded bool, of wafStatement) wafStatement {
	rate := map[string]any{
		"aggregateKeyType":    "IP",
		"limit":               requests,
		"evaluationWindowSec": int(window.Seconds()),
	}
	if forwarded {
		rate["aggregateKeyType"], rate["forwardedIpConfig"] = "FORWARDED_IP", forwardedAddress
	}
	if of.content != nil {
		rate["scopeDownStatement"] = of.content
	}
	return wafStatement{content: map[string]any{"rateBasedStatement": rate}, wcu: wcuOfRate + of.wcu}
}

func notStatement(s wafStatement) wafStatement {
	return wafStatement{content: map[string]any{"notStatement": map[string]any{"statement": s.content}}, wcu: s.wcu}
}

func allOf(statements ...wafStatement) wafStatement {
	return combineStatements("andStatement", statements)
}

func anyOf(statements ...wafStatement) wafStatement {
	return combineStatements("orStatement", statements)
}

// combineStatements joins statements. It returns a single statement unchanged,
// because AWS WAF refuses to join fewer than two.
func combineStatements(how string, statements []wafStatement) wafStatement {
	if len(statements) == 1 {
		return statements[0]
	}
	var contents []any
	var wcu int
	for _, s := range statements {
		contents = append(contents, s.content)
		wcu += s.wcu
	}
	return wafStatement{content: map[string]any{how: map[string]any{"statements": contents}}, wcu: wcu}
}
