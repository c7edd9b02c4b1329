package policy

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// reportFile is the name of CDK's report of a synth, in the assembly's folder.
const reportFile = "validation-report.json"

// report holds the fields of CDK's report of a synth that are printed.
type report struct {
	file          string
	PluginReports []struct {
		PluginName string
		Conclusion string
		Metadata   map[string]string
		Violations []reportedFinding
	}
}

// reportedFinding is one finding of CDK's report.
type reportedFinding struct {
	RuleName            string
	Description         string
	SuggestedFix        string
	Severity            string
	CustomSeverity      string
	ViolatingConstructs []struct {
		ConstructPath          string
		CloudFormationResource struct{ LogicalID string }
	}
}

// readReport returns the report in the folder of an assembly. The report is empty if
// the file is missing or unreadable.
func readReport(dir string) *report {
	r := &report{file: filepath.Join(dir, reportFile)}
	text, err := os.ReadFile(r.file)
	if err != nil || json.Unmarshal(text, r) != nil {
		return &report{}
	}
	return r
}

// print writes the findings that fail the synth and reports whether there are any.
func (r *report) print(w io.Writer) bool {
	var b strings.Builder
	places := 0
	for _, plugin := range r.PluginReports {
		if plugin.Conclusion != "failure" {
			continue
		}
		if message := plugin.Metadata["error"]; message != "" {
			places++
			fmt.Fprintf(&b, "\n%s\n", message)
		}
		for _, v := range plugin.Violations {
			if v.fails() {
				if plugin.PluginName == validatorName {
					v.RuleName = validatorPrefix + strings.TrimPrefix(v.RuleName, validatorPrefix)
				}
				places += max(1, len(v.ViolatingConstructs))
				v.print(&b)
			}
		}
	}
	if places == 0 {
		return false
	}
	fmt.Fprintf(w, "The synth fails: %d to repair or accept.\n%s\nCDK's report: %s\n", places, &b, r.file)
	return true
}

func (v reportedFinding) fails() bool {
	return v.Severity == "error" || v.Severity == "fatal" || v.CustomSeverity == severity
}

func (v reportedFinding) print(b *strings.Builder) {
	rule, what, why, fix := v.explained()
	fmt.Fprintf(b, "\n%s: %s\n", rule, what)
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-7s %s\n", label, text)
		}
	}
	for _, place := range v.ViolatingConstructs {
		where := place.ConstructPath
		if id := place.CloudFormationResource.LogicalID; id != "" {
			where += " (" + id + ")"
		}
		line("where", where)
	}
	line("why", why)
	line("fix", fix)
	if !isNagRule(rule) && !isValidatorRule(rule) && findRule(rule) == nil {
		return // Accept takes rules of the three sources only
	}
	for _, place := range v.ViolatingConstructs {
		line("accept", fmt.Sprintf("policy.Accept(%s, %q, \"<reason, %d characters or more>\")", variable(place.ConstructPath), rule, minReason))
	}
}

// explained splits a finding into the rule as Accept takes it, what is wrong, why
// that matters, and how to fix it.
func (v reportedFinding) explained() (rule, what, why, fix string) {
	if r := findRule(v.RuleName); r != nil {
		return r.ID, strings.TrimSuffix(v.Description, ". "+r.Why), r.Why, r.Fix
	}
	if m := nagFinding.FindStringSubmatch(v.Description); m != nil {
		what, why, _ := strings.Cut(strings.TrimSpace(m[2]), ". ")
		return m[1], what, why, v.SuggestedFix
	}
	what, why, _ = strings.Cut(v.Description, ". ")
	return v.RuleName, what, why, v.SuggestedFix
}

// nagFinding splits a finding of cdk-nag into its rule and its explanation.
var nagFinding = regexp.MustCompile(`(?s)^(` + nagRule + `(?:\[.+?\])?): (.*)$`)

// validatorName is the name of CDK's validator in the report.
const validatorName = "CloudFormation Validate"

func findRule(id string) *Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return &r
		}
	}
	return nil
}

// variable returns a variable name for the construct at the path: its id, or the id
// of its scope where CDK chose the id "Resource".
func variable(construct string) string {
	for construct != "" && (path.Base(construct) == "Resource" || path.Base(construct) == "Default") {
		construct = strings.TrimSuffix(construct[:len(construct)-len(path.Base(construct))], "/")
	}
	name := regexp.MustCompile(`\W`).ReplaceAllString(path.Base(construct), "")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return "scope"
	}
	return strings.ToLower(name[:1]) + name[1:]
}
