package constructs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// Wildcard is one wildcard that this package's constructs write into policies, and
// the reason why AWS requires it.
type Wildcard struct {
	// In is the CloudFormation type, or the kind of policy, that contains the
	// wildcard.
	In string
	// Actions are the only actions that the wildcard may be used with. Empty means
	// any action.
	Actions []string
	// Pattern is the wildcard's text in the policy.
	Pattern string
	// Reason says why nothing narrower works.
	Reason string

	// explains reports whether this entry explains value. element is Resource or
	// Principal. The statement's actions already match Actions.
	explains func(s policyText, element, value string) bool
}

// policyText is a policy statement of a template with its values as text.
type policyText struct {
	holder     string // the CloudFormation type that holds the policy
	sid        string
	actions    []string
	resources  []string
	principals []string
	conditions string // as JSON; searched for condition keys only
}

func anyResource(_ policyText, element, value string) bool {
	return element == "Resource" && value == "*"
}

// ExplainedWildcards lists every wildcard this package's constructs emit.
func ExplainedWildcards() []Wildcard {
	return slices.Clone(explainedWildcards)
}

// UnexplainedWildcards reads the policies of a synthesized template, as decoded
// from its JSON. It returns a sentence for each wildcard that is not among
// ExplainedWildcards, in a stable order. A wildcard in an action is never
// explained. Deny statements are not read, because a wildcard there only removes
// permissions.
func UnexplainedWildcards(template map[string]any) []string {
	return UnexplainedWildcardsIn(assembly.Alone(template))
}

// UnexplainedWildcardsIn does the same for a stack of an assembly. It also finds
// wildcards that come from a parameter or another stack's output.
func UnexplainedWildcardsIn(stack *assembly.Stack) []string {
	var found []string
	for _, id := range slices.Sorted(maps.Keys(stack.Resources)) {
		r := stack.Resources[id]
		for _, statement := range allowStatements(policiesOf(stack, r)) {
			for _, problem := range readStatement(stack, r.Type, statement).wildcards() {
				found = append(found, fmt.Sprintf("%s (%s): %s", id, r.Type, problem))
			}
		}
	}
	return found
}

// logPolicyType holds its policy as text.
const logPolicyType = "AWS::Logs::ResourcePolicy"

// policiesOf returns the value that contains a resource's policies: its properties,
// or the parsed text of a log policy. It returns a policy that allows everything if
// the text cannot be parsed.
func policiesOf(stack *assembly.Stack, r assembly.Resource) any {
	if r.Type != logPolicyType {
		return r.Properties
	}
	var policy any
	if json.Unmarshal([]byte(text(stack, r.Properties["PolicyDocument"])), &policy) != nil {
		return map[string]any{"Effect": "Allow", "Action": "*"}
	}
	return policy
}

// allowStatements returns every Allow statement below node.
func allowStatements(node any) []map[string]any {
	var found []map[string]any
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			found = append(found, allowStatements(child)...)
		}
	case map[string]any:
		if n["Effect"] == "Allow" && (n["Action"] != nil || n["NotAction"] != nil) {
			return []map[string]any{n}
		}
		for _, key := range slices.Sorted(maps.Keys(n)) {
			found = append(found, allowStatements(n[key])...)
		}
	}
	return found
}

func readStatement(stack *assembly.Stack, holder string, raw map[string]any) policyText {
	conditions, _ := json.Marshal(raw["Condition"])
	sid, _ := raw["Sid"].(string)
	s := policyText{
		holder:     holder,
		sid:        sid,
		actions:    texts(stack, raw["Action"]),
		resources:  texts(stack, raw["Resource"]),
		conditions: string(conditions),
	}
	if raw["NotAction"] != nil || raw["NotResource"] != nil {
		s.actions = append(s.actions, "*") // NotAction and NotResource count as wildcards
	}
	if byKind, ok := raw["Principal"].(map[string]any); ok {
		for _, kind := range slices.Sorted(maps.Keys(byKind)) {
			s.principals = append(s.principals, texts(stack, byKind[kind])...)
		}
	} else {
		s.principals = texts(stack, raw["Principal"])
	}
	return s
}

// wildcards returns a sentence for each unexplained wildcard of the statement.
func (s policyText) wildcards() []string {
	var found []string
	look := func(element string, values []string) {
		for _, value := range values {
			if hasWildcard(value) && !s.isExplained(element, value) {
				found = append(found, fmt.Sprintf("statement %q allows %s %q", s.sid, element, value))
			}
		}
	}
	look("Action", s.actions)
	look("Resource", s.resources)
	look("Principal", s.principals)
	return found
}

func (s policyText) isExplained(element, value string) bool {
	return slices.ContainsFunc(explainedWildcards, func(w Wildcard) bool {
		return subset(s.actions, w.Actions) && w.explains(s, element, value)
	})
}

// subset reports whether all contains every element of some. An empty all allows
// any element.
func subset(some, all []string) bool {
	if len(all) == 0 {
		return true
	}
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return len(some) > 0
}

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// isLogStreams reports whether the ARN means the streams of one log group.
func isLogStreams(arn string) bool {
	group, ok := strings.CutSuffix(arn, ":*")
	return ok && strings.Contains(group, ":log-group:") && !hasWildcard(group)
}

// texts returns a policy value as strings. The value is a string, a CloudFormation
// function or a list of these.
func texts(stack *assembly.Stack, value any) []string {
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	flat := make([]string, len(list))
	for i, v := range list {
		flat[i] = text(stack, v)
	}
	return flat
}

// text returns a value as text, with "${Table.Arn}" for the attribute of a
// resource. The placeholder has no slash, because a slash would look like a
// separator in an ARN.
func text(stack *assembly.Stack, value any) string {
	var b strings.Builder
	for _, part := range stack.Parts(value) {
		switch {
		case part.Stack == nil:
			b.WriteString(part.Text)
		case part.Attribute == "":
			b.WriteString("${" + part.ID + "}")
		default:
			b.WriteString("${" + part.ID + "." + part.Attribute + "}")
		}
	}
	return b.String()
}
