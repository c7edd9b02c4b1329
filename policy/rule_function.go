package policy

const functionType = "AWS::Lambda::Function"

var functionRole = Rule{
	ID:    FunctionRole,
	Title: "Every Lambda function has a role of its own, in its own stack",
	Why:   "A shared role gives each function the rights of all, and one made elsewhere cannot be checked here.",
	Fix:   "let the function have its own role; constructs.NewLeastPrivilegeFunction makes one.",
	check: func(i *inspection) {
		for _, s := range i.stacks {
			holders := map[string]string{}
			for id, r := range s.ofType(functionType) {
				role := reference(r.Properties["Role"])
				if s.resources[role].Type != "AWS::IAM::Role" {
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
	Why:   "Without a trace nobody can say which call made a request slow.",
	Fix:   "set TracingConfig.Mode to Active; constructs.NewLeastPrivilegeFunction does.",
	check: func(i *inspection) {
		for _, s := range i.stacks {
			for id, r := range s.ofType(functionType) {
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
	Why:   "Lambda otherwise makes one itself, which keeps every line for ever.",
	Fix:   "give the function a LogGroup; constructs.NewLeastPrivilegeFunction does.",
	check: func(i *inspection) {
		for _, s := range i.stacks {
			for id, r := range s.ofType(functionType) {
				if !i.hasLogGroup(s, r) {
					i.report(s, id, "the function has no log group in the app")
				}
			}
		}
	},
}

// hasLogGroup looks for the log group that the function names, or, where it
// names none, the one of the name that Lambda would use. Whether it has a
// retention is the business of the rule for log groups.
func (i *inspection) hasLogGroup(s *stack, function resource) bool {
	group := at(function.Properties, "LoggingConfig", "LogGroup")
	if s.resources[reference(group)].Type == "AWS::Logs::LogGroup" {
		return true
	}
	name, _ := group.(string)
	if group == nil {
		own, _ := function.Properties["FunctionName"].(string)
		name = "/aws/lambda/" + own
	}
	for _, other := range i.stacks {
		for _, r := range other.ofType("AWS::Logs::LogGroup") {
			if other.environment == s.environment && name != "" && r.Properties["LogGroupName"] == name {
				return true
			}
		}
	}
	return false
}
