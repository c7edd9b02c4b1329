package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Record says how a deployment ended. The workflow keeps it as an artifact beside GitHub's
// own deployment of the environment.
type Record struct {
	Stage  string `json:"stage"`
	Branch string `json:"branch"`
	Commit string `json:"commit"`
	// Actor pushed the commit.
	Actor string `json:"actor"`
	// Run is the URL of the workflow's run.
	Run string `json:"run"`
	// Outcome is success, or failure if any job failed or was cancelled.
	Outcome string `json:"outcome"`
	// Jobs are the results of the jobs by name, in GitHub's words.
	Jobs map[string]string `json:"jobs"`
	// Approvals are the decisions of the environment's reviewers.
	Approvals []Approval `json:"approvals"`
	// Changes are what the deployment changed.
	Changes []StackSummary `json:"changes"`
	// Ended is when the record was written.
	Ended time.Time `json:"ended"`
}

// Approval is a reviewer's decision.
type Approval struct {
	// By is the reviewer's name on GitHub.
	By string `json:"by"`
	// State is approved or rejected.
	State string `json:"state"`
	// Environments are the GitHub environments that the decision is for.
	Environments []string `json:"environments"`
	// Comment is what the reviewer wrote.
	Comment string `json:"comment,omitempty"`
}

// The outcomes of a record.
const (
	Success = "success"
	Failure = "failure"
)

// AddJobs adds the results of jobs from GitHub's context "needs" as JSON. A job that was
// skipped had nothing to do.
func (r *Record) AddJobs(needs []byte) error {
	var jobs map[string]struct{ Result string }
	if err := json.Unmarshal(needs, &jobs); err != nil || len(jobs) == 0 {
		return fmt.Errorf("no results of jobs in %.100q (%w)", needs, err)
	}
	r.Jobs, r.Outcome = map[string]string{}, Success
	for name, job := range jobs {
		r.Jobs[name] = job.Result
		if job.Result != Success && job.Result != "skipped" {
			r.Outcome = Failure
		}
	}
	return nil
}

// AddApprovals adds decisions from the response of
// GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals.
// https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
func (r *Record) AddApprovals(response []byte) error {
	var decisions []struct {
		State, Comment string
		User           struct{ Login string }
		Environments   []struct{ Name string }
	}
	if err := json.Unmarshal(response, &decisions); err != nil {
		return fmt.Errorf("the approvals are no list: %w", err)
	}
	r.Approvals = []Approval{}
	for _, d := range decisions {
		approval := Approval{By: d.User.Login, State: d.State, Comment: d.Comment}
		for _, environment := range d.Environments {
			approval.Environments = append(approval.Environments, environment.Name)
		}
		r.Approvals = append(r.Approvals, approval)
	}
	return nil
}

// Approvers returns the names of the reviewers who approved.
func (r Record) Approvers() (names []string) {
	for _, a := range r.Approvals {
		if a.State == "approved" {
			names = append(names, a.By)
		}
	}
	return names
}

// CheckReviewed returns an error unless a reviewer of the stage's environment has approved, other
// than the actor. GitHub makes an environment that is missing by itself, without reviewers.
func (r Record) CheckReviewed() error {
	for _, a := range r.Approvals {
		if a.State == "approved" && a.By != r.Actor && slices.Contains(a.Environments, r.Stage) {
			return nil
		}
	}
	return fmt.Errorf("no reviewer other than %s has approved the environment %s: give it required reviewers and prevent self-review (docs/forking.md)", r.Actor, r.Stage)
}

// failed returns the jobs that did not succeed, by name.
func (r Record) failed() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(r.Jobs)) {
		if result := r.Jobs[name]; result != Success && result != "skipped" {
			names = append(names, name+" ("+result+")")
		}
	}
	return names
}
