package changes

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// The labels by which a reviewer accepts a kind of change.
const (
	AllowDestructive = "allow-destructive"
	AllowAccess      = "allow-wider-access"
	AllowCost        = "allow-higher-cost"
	AllowBreaking    = "allow-breaking-contract"
)

// Marker is the first line of the comment. The workflow finds the comment of an earlier
// push by it, and replaces its text.
const Marker = "<!-- expenzez-changes -->"

// Report is the comparison of two commits.
type Report struct {
	Stacks   []StackChange
	Access   []RightsChange
	Prices   []PriceChange
	Contract []ContractChange
	// Labels are the labels of the pull request.
	Labels []string
}

// Tools run the programs that compare templates and contracts.
type Tools struct {
	Diff      Differ
	Contracts Contracts
}

// Compare compares two snapshots. Labels are those of the pull request.
func Compare(base, head Snapshot, labels []string, tools Tools) (Report, error) {
	report := Report{Labels: labels}
	for _, stage := range Stages() {
		stacks, err := compareStacks(stage, base, head, tools.Diff)
		if err != nil {
			return report, err
		}
		report.Stacks = append(report.Stacks, stacks...)
	}
	accessBefore, err := base.access()
	if err != nil {
		return report, err
	}
	accessAfter, err := head.access()
	if err != nil {
		return report, err
	}
	report.Access = compareAccess(accessBefore, accessAfter)
	costsBefore, err := base.costs()
	if err != nil {
		return report, err
	}
	costsAfter, err := head.costs()
	if err != nil {
		return report, err
	}
	report.Prices = compareCosts(costsBefore, costsAfter)
	report.Contract, err = compareContracts(base, head, tools.Contracts)
	return report, err
}

// Refusal is a kind of change that needs a label.
type Refusal struct {
	Label, Reason string
}

// Refusals returns the labels that the pull request lacks, with reasons.
func (r Report) Refusals() []Refusal {
	var all []Refusal
	if n := len(r.Destructive()); n > 0 {
		all = append(all, Refusal{AllowDestructive, count(n, "resource") + " would be removed or replaced"})
	}
	if n := r.gained(); n > 0 {
		all = append(all, Refusal{AllowAccess, "functions would gain " + count(n, "right")})
	}
	if slices.ContainsFunc(r.Prices, func(p PriceChange) bool { return p.Refused }) {
		all = append(all, Refusal{AllowCost, "a price rises above its limit"})
	}
	if n := len(r.Contract); n > 0 {
		all = append(all, Refusal{AllowBreaking, "the contract would break by " + count(n, "change")})
	}
	return slices.DeleteFunc(all, func(refusal Refusal) bool { return slices.Contains(r.Labels, refusal.Label) })
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Destructive returns the removals that a person must decide about.
func (r Report) Destructive() []ResourceChange {
	var all []ResourceChange
	for _, stack := range r.Stacks {
		for _, change := range stack.Removals {
			if change.IsRefused() {
				all = append(all, change)
			}
		}
	}
	return all
}

// Replaced returns the other removals.
func (r Report) Replaced() []ResourceChange {
	var all []ResourceChange
	for _, stack := range r.Stacks {
		for _, change := range stack.Removals {
			if !change.IsRefused() {
				all = append(all, change)
			}
		}
	}
	return all
}

func (r Report) gained() (n int) {
	for _, change := range r.Access {
		n += len(change.Gained)
	}
	return n
}

//go:embed comment.md.tmpl
var commentText string

var comment = template.Must(template.New("comment").Funcs(template.FuncMap{
	"code": inline, "fence": fenced,
}).Parse(commentText))

// Comment returns the report as the text of one comment, in GitHub's Markdown, at most
// 65,536 characters long: GitHub refuses a longer one. Names come from the pull request,
// whose author may be a stranger. So they stand in code, where they make no link and
// notify no user.
func (r Report) Comment() (string, error) {
	var text strings.Builder
	if err := comment.Execute(&text, r); err != nil {
		return "", err
	}
	const most, end = 65_000, "\n\n```\n</details>\n\nThe comment is cut here. The workflow's artifact has all of it.\n"
	if text.Len() > most {
		return text.String()[:most-len(end)] + end, nil
	}
	return text.String(), nil
}

// inline returns a text as code within a line.
func inline(text string) string {
	return "`" + strings.NewReplacer("`", "'", "\n", " ", "\r", " ", "|", "/").Replace(text) + "`"
}

// fenced returns a text as a block of code, with a fence that the text cannot close.
func fenced(text string) string {
	return "```diff\n" + strings.ReplaceAll(strings.TrimSpace(text), "```", "'''") + "\n```"
}
