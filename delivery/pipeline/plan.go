package pipeline

import (
	"fmt"
	"strings"

	"github.com/expenzez/infrastructure/config"
)

// Plan says what a workflow does with a stage.
type Plan struct {
	// Stage is the stage, empty if the workflow does nothing.
	Stage string
	// Reason says why the workflow does nothing.
	Reason string
	// URL is the stage's base URL, and Region its region.
	URL, Region string
	// DeployRole and ReadRole are the ARNs of the roles in the stage's account. LookupRole is what
	// ReadRole may become for reading everything, as the CDK CLI does by itself for most commands.
	DeployRole, ReadRole, LookupRole string
	// Tests says whether users of tests may sign up in the stage.
	Tests bool
}

// ForBranch returns the plan for pushes to a branch of a repository. A fork has the
// configuration of its origin, whose accounts it must not reach; and a stage with examples
// in place of its values is in no account. In both cases the plan is to do nothing.
func ForBranch(branch, repository string, stages []config.Config) Plan {
	for _, cfg := range stages {
		if cfg.Branch() != "" && cfg.Branch() == branch {
			return ForStage(cfg, repository)
		}
	}
	return Plan{Reason: fmt.Sprintf("no stage is deployed from branch %q", branch)}
}

// ForStage returns the plan for a stage, as ForBranch does for a branch.
func ForStage(cfg config.Config, repository string) Plan {
	if note := cfg.PlaceholderNote(); note != "" {
		return Plan{Reason: note}
	}
	if repository != cfg.Delivery.Repository {
		return Plan{Reason: fmt.Sprintf("stage %s belongs to repository %q, not to %q", cfg.Stage, cfg.Delivery.Repository, repository)}
	}
	role := func(name string) string {
		return fmt.Sprintf("arn:aws:iam::%s:role/%s", cfg.Account, cfg.PhysicalName(name))
	}
	return Plan{
		Stage: cfg.Stage, URL: cfg.URL(), Region: cfg.Region,
		DeployRole: role(config.DeployRole), ReadRole: role(config.ReadRole),
		LookupRole: cfg.LookupRole(), Tests: cfg.Delivery.Mailbox,
	}
}

// Outputs returns the plan as a step writes it to GITHUB_OUTPUT.
func (p Plan) Outputs() string {
	var b strings.Builder
	for _, line := range [][2]string{
		{"stage", p.Stage}, {"url", p.URL}, {"region", p.Region}, {"deploy-role", p.DeployRole},
		{"read-role", p.ReadRole}, {"lookup-role", p.LookupRole},
		{"tests", fmt.Sprint(p.Tests)},
	} {
		fmt.Fprintf(&b, "%s=%s\n", line[0], line[1])
	}
	return b.String()
}
