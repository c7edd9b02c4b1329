package crs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	coreruleset "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"
	"github.com/corazawaf/coraza/v3/types"
	"github.com/corazawaf/coraza/v3/types/variables"

	"github.com/expenzez/infrastructure/local/webacl"
)

// directives load the files of the Core Rule Set that the managed groups of a web ACL
// correspond to. The engine only detects: the web ACL decides.
const directives = `
SecRuleEngine DetectionOnly
SecRequestBodyAccess Off
SecResponseBodyAccess Off
SecAuditEngine Off
SecArgumentsLimit 100000
Include @crs-setup.conf.example
Include @owasp_crs/REQUEST-901-INITIALIZATION.conf
Include @owasp_crs/REQUEST-913-SCANNER-DETECTION.conf
Include @owasp_crs/REQUEST-930-APPLICATION-ATTACK-LFI.conf
Include @owasp_crs/REQUEST-931-APPLICATION-ATTACK-RFI.conf
Include @owasp_crs/REQUEST-934-APPLICATION-ATTACK-GENERIC.conf
Include @owasp_crs/REQUEST-941-APPLICATION-ATTACK-XSS.conf
Include @owasp_crs/REQUEST-942-APPLICATION-ATTACK-SQLI.conf
Include @owasp_crs/REQUEST-944-APPLICATION-ATTACK-JAVA.conf
`

// Rules finds matches of AWS's managed rules. Its methods may be called concurrently.
type Rules struct{ waf coraza.WAF }

var _ webacl.ManagedRules = Rules{}

// New loads the rules. That takes a fifth of a second and 55 MB.
func New() (Rules, error) {
	waf, err := coraza.NewWAF(coraza.NewWAFConfig().WithRootFS(coreruleset.FS).WithDirectives(directives))
	if err != nil {
		return Rules{}, fmt.Errorf("load the Core Rule Set: %w", err)
	}
	return Rules{waf}, nil
}

// Matches implements webacl.ManagedRules.
func (r Rules) Matches(request *webacl.Request) []webacl.ManagedMatch {
	found := documented(request)
	tx := r.waf.NewTransaction()
	defer tx.Close()
	tx.ProcessConnection(request.Address.String(), 0, "127.0.0.1", 0)
	// The arguments are added below under names that tell the query from the body.
	tx.ProcessURI(request.Path, request.Method, "HTTP/1.1")
	for name, values := range request.Header {
		for _, value := range values {
			tx.AddRequestHeader(name, value)
		}
	}
	for _, text := range queryTexts(request.Query) {
		tx.AddGetRequestArgument(queryArgument, text)
	}
	for _, text := range bodyTexts(request.Header.Get("Content-Type"), request.Body) {
		tx.AddPostRequestArgument(bodyArgument, text)
	}
	tx.ProcessRequestHeaders()
	if _, err := tx.ProcessRequestBody(); err != nil {
		return found // only a body processor fails, and none is on
	}
	for _, matched := range tx.MatchedRules() {
		for _, m := range matchesOf(matched) {
			if !slices.Contains(found, m) {
				found = append(found, m)
			}
		}
	}
	return found
}

// Names of the arguments of a transaction.
const (
	queryArgument = "query"
	bodyArgument  = "body"
)

// place is the part of a request in the spelling of AWS's rule names.
type place string

const (
	inBody   place = "BODY"
	inQuery  place = "QUERYARGUMENTS"
	inCookie place = "COOKIE"
	inPath   place = "URIPATH"
	inHeader place = "HEADER"
)

func placeOf(data types.MatchData) (place, bool) {
	switch data.Variable() {
	case variables.Args, variables.ArgsGet, variables.ArgsPost:
		if data.Key() == bodyArgument {
			return inBody, true
		}
		return inQuery, true
	case variables.RequestCookies, variables.RequestCookiesNames:
		return inCookie, true
	case variables.RequestFilename, variables.RequestURI, variables.RequestURIRaw, variables.RequestLine:
		return inPath, true
	case variables.RequestHeaders:
		return inHeader, true
	}
	return "", false
}

// matchesOf returns the rules of AWS that a rule of the Core Rule Set stands for, by
// the places in which it matched.
func matchesOf(matched types.MatchedRule) []webacl.ManagedMatch {
	if matched.Rule().Severity() != types.RuleSeverityCritical {
		return nil // such as the rules that only compute
	}
	var found []webacl.ManagedMatch
	for _, data := range matched.MatchedDatas() {
		where, ok := placeOf(data)
		if !ok {
			continue
		}
		if rule := awsRule(matched.Rule().ID(), where); rule != "" {
			if m, ok := match(rule); ok {
				found = append(found, m)
			}
		}
	}
	return found
}

// awsRule returns the name that AWS would give a rule of the Core Rule Set at a place.
// The name is empty for rules that no managed group of the web ACL corresponds to.
func awsRule(id int, where place) string {
	switch {
	case id == 913100:
		return "UserAgent_BadBots_HEADER"
	case id == 930130 || id == 930140:
		return "ExploitablePaths_" + string(where)
	case id/1000 == 930:
		return "GenericLFI_" + string(where)
	case id/1000 == 931:
		return "GenericRFI_" + string(where)
	case id == 934110 || id == 934190:
		return "EC2MetaDataSSRF_" + string(where)
	case id/1000 == 941:
		return "CrossSiteScripting_" + string(where)
	case id == 942100 || id/1000 == 942 && where == inCookie:
		return "SQLi_" + string(where)
	case id/1000 == 942:
		return "SQLiExtendedPatterns_" + string(where)
	case id/1000 == 944:
		name := "JavaDeserializationRCE_"
		if id == 944150 {
			name = "Log4JRCE_"
		}
		if where == inQuery {
			return name + "QUERYSTRING"
		}
		return name + string(where)
	}
	return ""
}

// documented returns the matches of the rules whose limits AWS documents.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
func documented(r *webacl.Request) []webacl.ManagedMatch {
	var found []webacl.ManagedMatch
	for rule, matches := range map[string]bool{
		"NoUserAgent_HEADER":             r.Header.Get("User-Agent") == "",
		"SizeRestrictions_QUERYSTRING":   len(r.Query) > 2048,
		"SizeRestrictions_Cookie_HEADER": len(strings.Join(r.Header.Values("Cookie"), "; ")) > 10_240,
		"SizeRestrictions_BODY":          len(r.Body) > 8192,
		"SizeRestrictions_URIPATH":       len(r.Path) > 1024,
		"PROPFIND_METHOD":                r.Method == "PROPFIND",
	} {
		if m, ok := match(rule); matches && ok {
			found = append(found, m)
		}
	}
	return found
}

// plainName matches names, ids, dates and codes, which cannot be an attack.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_:-]*$`)

// texts collects each text once.
type texts struct {
	list []string
	seen map[string]bool
}

func (t *texts) add(text string) {
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if text != "" && !t.seen[text] {
		t.seen[text] = true
		t.list = append(t.list, text)
	}
}

func (t *texts) addName(name string) {
	if !plainName.MatchString(name) {
		t.add(name)
	}
}

func (t *texts) addForm(form string) {
	values, err := url.ParseQuery(form)
	if err != nil {
		t.add(form) // what cannot be decoded is inspected as it is
	}
	for name, list := range values {
		t.addName(name)
		for _, value := range list {
			t.add(value)
		}
	}
}

func queryTexts(query string) []string {
	var t texts
	t.addForm(query)
	return t.list
}

// bodyTexts returns the texts of a body: the names and strings of JSON, the names and
// values of a form, or the whole body. JSON that ends early, at the limit of the
// inspection, is read as far as it goes.
func bodyTexts(contentType string, body []byte) []string {
	var t texts
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case len(body) == 0:
	case kind == "application/x-www-form-urlencoded":
		t.addForm(string(body))
	case kind == "application/json" || strings.HasSuffix(kind, "+json") || body[0] == '{' || body[0] == '[':
		t.addJSON(body)
	default:
		t.add(string(body))
	}
	return t.list
}

func (t *texts) addJSON(body []byte) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		start := decoder.InputOffset()
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.add(unfinished(body[start:]))
			return
		}
		if text, ok := token.(string); ok {
			if plainName.MatchString(text) {
				continue // most names, ids, dates and codes
			}
			t.add(text)
		}
	}
}

// unfinished returns the text of what is no complete JSON: a string that the limit of
// the inspection cut off, or anything else.
func unfinished(rest []byte) string {
	_, text, isString := bytes.Cut(rest, []byte{'"'})
	if !isString {
		return string(rest)
	}
	if unquoted, err := strconv.Unquote(`"` + string(text) + `"`); err == nil {
		return unquoted
	}
	return string(text)
}

// match returns the match of one of AWS's rules.
func match(rule string) (webacl.ManagedMatch, bool) {
	for _, g := range groups {
		if label, ok := g.labels[rule]; ok {
			return webacl.ManagedMatch{Group: g.name, Rule: rule, Label: g.namespace + label}, true
		}
	}
	return webacl.ManagedMatch{}, false
}
