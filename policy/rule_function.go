package policy

import "github.com/expenzez/infrastructure/constructs/assembly"

const (
	functionType = "AWS::Lambda::Function"
	logGroupType = "AWS::Logs::LogGroup"
)

var functionRole = Rule{
	ID:    FunctionRole,
	Title: "Every Lambda function has a role of its own, in its own stack",
	Why:   "A shared role gives each function the permissions of all, and a role outside the stack cannot be checked here.",
	Fix:   "let the function have its own role; constructs.NewLeastPrivilegeFunction makes one.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			holders := map[string]string{}
			for id, r := range s.OfType(functionType) {
				home, role := s.Target(r.Properties["Role"])
				if home != s || s.Resources[role].Type != "AWS::IAM::Role" {
					i.report(s, id, "the function's role is not in its stack but is %s", text(r.Properties["Role"]))
					continue
				}
				if first, shared := holders[role]; shared {
					i.report(s, id, "the function shares its role %s with %s", role, first)
					continue
				}
				holders[role] = id
			}
		}
	},
}

var functionTraced = Rule{
	ID:    FunctionTraced,
	Title: "Every Lambda function is traced actively",
	Why:   "A trace shows which call made a request slow.",
	Fix:   "set TracingConfig.Mode to Active; constructs.NewLeastPrivilegeFunction does.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for id, r := range s.OfType(functionType) {
				if mode := at(r.Properties, "TracingConfig", "Mode"); mode != "Active" {
					i.report(s, id, "the function's TracingConfig.Mode is %s, not Active", text(mode))
				}
			}
		}
	},
}

var functionLogs = Rule{
	ID:    FunctionLogs,
	Title: "Every Lambda function logs to a log group of the app",
	Why:   "Lambda otherwise makes a log group that keeps every line for ever.",
	Fix:   "give the function a LogGroup; constructs.NewLeastPrivilegeFunction does.",
	check: func(i *inspection) {
		groups := i.logGroups()
		for _, s := range i.Stacks {
			for id, r := range s.OfType(functionType) {
				if !groups.has(s, id, r) {
					i.report(s, id, "the function has no log group in the app")
				}
			}
		}
	},
}

// logGroups holds the log groups of the app by environment and name.
type logGroups map[[2]string]bool

func (i *inspection) logGroups() logGroups {
	groups := logGroups{}
	for _, s := range i.Stacks {
		for id, r := range s.OfType(logGroupType) {
			groups[[2]string{s.Environment, assembly.Text(s.Parts(map[string]any{"Ref": id}))}] = true
			if name := assembly.Text(s.Parts(r.Properties["LogGroupName"])); name != "" {
				groups[[2]string{s.Environment, name}] = true
			}
		}
	}
	return groups
}

// has reports whether the app has the function's log group: the one that the function
// names, or else the one with Lambda's default name. The rule LogRetention checks the
// log group's retention.
func (g logGroups) has(s *assembly.Stack, id string, function assembly.Resource) bool {
	group := at(function.Properties, "LoggingConfig", "LogGroup")
	if group == nil {
		var own any = map[string]any{"Ref": id}
		if name := function.Properties["FunctionName"]; name != nil {
			own = name
		}
		group = []any{"/aws/lambda/", own}
	}
	return g[[2]string{s.Environment, assembly.Text(s.Parts(group))}]
}
