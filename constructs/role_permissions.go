package constructs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// guardedRole is a role that guardRoleWith marked.
type guardedRole struct {
	path   string // of the construct
	advice string
	stack  *assembly.Stack // nil if it is in no template
	id     string
	name   string // "" where CloudFormation chooses it
}

type resourceKey struct {
	stack *assembly.Stack
	id    string
}

// roleCheck is one run of the role guard over an assembly.
type roleCheck struct {
	byResource map[resourceKey]*guardedRole
	byName     map[string][]*guardedRole
	found      []excessPermission
}

// excessPermissions returns the permissions that guarded roles should not have,
// sorted by role.
func excessPermissions(a *assembly.Assembly) []excessPermission {
	c := &roleCheck{byResource: map[resourceKey]*guardedRole{}, byName: map[string][]*guardedRole{}}
	c.collect(a)
	for _, s := range a.Stacks {
		for id, r := range s.Resources {
			c.check(s, id, r)
		}
	}
	slices.SortFunc(c.found, func(a, b excessPermission) int {
		return cmp.Or(strings.Compare(a.role.path, b.role.path), strings.Compare(a.sentence, b.sentence))
	})
	return slices.CompactFunc(c.found, func(a, b excessPermission) bool { return a.role.path == b.role.path && a.sentence == b.sentence })
}

func (c *roleCheck) report(role *guardedRole, sentences ...string) {
	for _, s := range sentences {
		c.found = append(c.found, excessPermission{role, s})
	}
}

// collect finds the marked roles. A marked role in no readable template is
// reported, because it cannot be checked.
func (c *roleCheck) collect(a *assembly.Assembly) {
	marked := map[string]*guardedRole{}
	for _, s := range a.Stacks {
		for _, n := range s.Notes {
			if advice, ok := n.Data.(string); ok && n.Type == guardMetadataType {
				marked[n.Path] = &guardedRole{path: n.Path, advice: advice}
			}
		}
	}
	for _, s := range a.Stacks {
		for id, r := range s.OfType("AWS::IAM::Role") {
			role := marked[r.Path]
			if role == nil {
				continue
			}
			role.stack, role.id, role.name = s, id, assembly.Text(s.Parts(r.Properties["RoleName"]))
			c.byResource[resourceKey{s, id}] = role
			if role.name != "" {
				c.byName[role.name] = append(c.byName[role.name], role)
			}
		}
	}
	for _, role := range marked {
		if role.stack == nil {
			c.report(role, "cannot be checked for least privilege: it is in no template of the app")
		}
	}
}

// check finds every permission that a resource of a template gives a guarded role.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
func (c *roleCheck) check(s *assembly.Stack, id string, r assembly.Resource) {
	where := cmp.Or(r.Path, s.Path+"/"+id)
	switch r.Type {
	case "AWS::IAM::Role":
		if role := c.byResource[resourceKey{s, id}]; role != nil {
			c.report(role, c.managedPolicies(s, r)...)
			c.report(role, unexplainedIn("its own policy", s, r.Type, r.Properties["Policies"])...)
		}
	case "AWS::IAM::ManagedPolicy":
		for role := range c.roles(s, r.Properties["Roles"]) {
			c.report(role, "has the managed policy "+where)
		}
	case "AWS::IAM::Policy", "AWS::IAM::RolePolicy":
		for role := range c.roles(s, []any{r.Properties["Roles"], r.Properties["RoleName"]}) {
			c.report(role, unexplainedIn("policy "+where, s, r.Type, r.Properties["PolicyDocument"])...)
		}
	case "AWS::CloudFormation::Stack":
		c.checkExternalTemplate(s, id, where, r)
	default:
		c.checkResourcePolicy(s, where, r)
		c.checkIAMCalls(s, where, r)
	}
}

// managedPolicies returns a sentence for each managed policy that the role itself
// lists.
func (c *roleCheck) managedPolicies(s *assembly.Stack, role assembly.Resource) []string {
	var found []string
	list, _ := role.Properties["ManagedPolicyArns"].([]any)
	for _, arn := range list {
		name := text(s, arn)
		if home, id := s.Target(arn); home != nil {
			name = cmp.Or(home.Resources[id].Path, name)
		}
		found = append(found, "has the managed policy "+name)
	}
	return found
}

// checkResourcePolicy finds permissions that a resource's own policy gives a role.
// Within one account they count as much as the role's own.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (c *roleCheck) checkResourcePolicy(s *assembly.Stack, where string, r assembly.Resource) {
	for _, statement := range allowStatements(policiesOf(s, r)) {
		if statement["Principal"] == nil {
			continue
		}
		for role := range c.roles(s, []any{statement["Principal"], statement["Condition"]}) {
			c.report(role, unexplainedIn("resource policy "+where, s, r.Type, statement)...)
		}
	}
}

// checkExternalTemplate finds a role that is passed to a template outside the app.
func (c *roleCheck) checkExternalTemplate(s *assembly.Stack, id, where string, r assembly.Resource) {
	if s.Nested(id) != nil {
		return
	}
	for role := range c.roles(s, r.Properties["Parameters"]) {
		c.report(role, "is handed to "+where+", whose template is not of the app and cannot be checked")
	}
}

// checkIAMCalls finds an AwsCustomResource that calls IAM with a role. Its calls
// are JSON in its properties.
func (c *roleCheck) checkIAMCalls(s *assembly.Stack, where string, r assembly.Resource) {
	if !strings.HasPrefix(r.Type, "Custom::") {
		return
	}
	calls := strings.ToLower(text(s, r.Properties))
	if !strings.Contains(calls, `"service":"iam"`) && !strings.Contains(calls, "client-iam") {
		return
	}
	for role := range c.roles(s, r.Properties) {
		c.report(role, "is changed by calls to IAM of "+where)
	}
}

// roles yields the guarded roles that a value names by reference, in any stack, or
// by physical name or ARN.
func (c *roleCheck) roles(s *assembly.Stack, value any) func(yield func(*guardedRole) bool) {
	return func(yield func(*guardedRole) bool) {
		seen := map[*guardedRole]bool{}
		for _, element := range flatten(value) {
			parts := s.Parts(element)
			found := slices.Clone(c.byName[lastSegment(assembly.Text(parts))])
			found = slices.DeleteFunc(found, func(role *guardedRole) bool { return isInOtherAccount(s, role) })
			for _, part := range parts {
				if role := c.byResource[resourceKey{part.Stack, part.ID}]; role != nil {
					found = append(found, role)
				}
			}
			for _, role := range found {
				if !seen[role] && !yield(role) {
					return
				}
				seen[role] = true
			}
		}
	}
}

// flatten returns the values of nested lists and objects. It keeps CloudFormation
// functions whole.
func flatten(value any) []any {
	var found []any
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			found = append(found, flatten(element)...)
		}
	case map[string]any:
		if len(v) == 1 {
			for key := range v {
				if key == "Ref" || strings.HasPrefix(key, "Fn::") {
					return []any{value}
				}
			}
		}
		for _, element := range v {
			found = append(found, flatten(element)...)
		}
	default:
		return []any{value}
	}
	return found
}

func lastSegment(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// isInOtherAccount reports whether the role is in another account than the stack.
// The role's name then means another role.
func isInOtherAccount(s *assembly.Stack, role *guardedRole) bool {
	here, home := s.Account(), role.stack.Account()
	return here != "" && home != "" && here != home
}

// unexplainedIn returns the unexplained wildcards in policies of a role.
func unexplainedIn(where string, s *assembly.Stack, holder string, policies any) []string {
	var found []string
	for _, statement := range allowStatements(policies) {
		for _, wildcard := range readStatement(s, holder, statement).wildcards() {
			found = append(found, where+": "+wildcard)
		}
	}
	return found
}
