// Command pipeline is what the workflows "deploy" and "nightly" call:
//
//	pipeline plan -branch develop -repository owner/name   which stage, for GITHUB_OUTPUT
//	pipeline plan -stage dev -repository owner/name        the same for a given stage
//	pipeline record -stage dev -diff FILE -out FILE        how the deployment ended
//	pipeline approvers -stage prod                         who approved the run, for GITHUB_OUTPUT
//	pipeline slack -record FILE                            tells Slack of a deployment
//	pipeline checks                                        tells Slack if a job of checks failed
//
// The results of jobs, the token of GitHub and the webhook of Slack come by the environment
// variables NEEDS, GH_TOKEN and SLACK_WEBHOOK. None is printed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/delivery/pipeline"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "plan":
			return plan(args[1:], out)
		case "record":
			return record(ctx, args[1:], env)
		case "approvers":
			return approvers(ctx, args[1:], env, out)
		case "slack":
			return slack(ctx, args[1:], env, out)
		case "checks":
			return checks(ctx, env, out)
		}
	}
	return errors.New("usage: pipeline plan|approvers|record|slack|checks")
}

func plan(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	branch := flags.String("branch", "", "the branch that was pushed")
	stage := flags.String("stage", "", "the stage, in place of a branch")
	repository := flags.String("repository", "", "the repository that the workflow runs in, as owner/name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := planOf(*stage, *branch, *repository)
	if err != nil {
		return err
	}
	if p.Reason != "" {
		fmt.Fprintf(os.Stderr, "nothing to do: %s\n", p.Reason)
	}
	_, err = io.WriteString(out, p.Outputs())
	return err
}

// planOf returns the plan for a stage or, without one, for a branch.
func planOf(stage, branch, repository string) (pipeline.Plan, error) {
	if stage != "" {
		cfg, err := config.Load(stage)
		return pipeline.ForStage(cfg, repository), err
	}
	var stages []config.Config
	for _, name := range config.Stages() {
		cfg, err := config.Load(name)
		if err != nil {
			return pipeline.Plan{}, err
		}
		stages = append(stages, cfg)
	}
	return pipeline.ForBranch(branch, repository, stages), nil
}

func record(ctx context.Context, args []string, env func(string) string) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	stage := flags.String("stage", "", "the stage")
	diff := flags.String("diff", "", "the file with what make diff printed; it is missing if the deployment did not begin")
	file := flags.String("out", "", "the file of the record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := recordOf(env)
	if err != nil {
		return err
	}
	r.Stage = *stage
	text, err := os.ReadFile(*diff)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	r.Changes = pipeline.Summarise(string(text))
	if err := addApprovals(ctx, &r, env); err != nil {
		return err
	}
	written, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(*file, append(written, '\n'), 0o644)
}

// recordOf returns the record of the run that the environment describes.
func recordOf(env func(string) string) (pipeline.Record, error) {
	r := pipeline.Record{
		Branch: env("GITHUB_REF_NAME"), Commit: env("GITHUB_SHA"), Actor: env("GITHUB_ACTOR"),
		Run:   fmt.Sprintf("%s/%s/actions/runs/%s", env("GITHUB_SERVER_URL"), env("GITHUB_REPOSITORY"), env("GITHUB_RUN_ID")),
		Ended: time.Now().UTC().Truncate(time.Second),
	}
	return r, r.AddJobs([]byte(env("NEEDS")))
}

// approvers writes who approved the run. It fails if the stage needs a review and has none.
func approvers(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("approvers", flag.ContinueOnError)
	stage := flags.String("stage", "", "the stage, which is also the name of its GitHub environment")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg, err := config.Load(*stage)
	if err != nil {
		return err
	}
	r := pipeline.Record{Stage: *stage, Actor: env("GITHUB_ACTOR")}
	if err := addApprovals(ctx, &r, env); err != nil {
		return err
	}
	if cfg.Delivery.Reviewed {
		if err := r.CheckReviewed(); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(out, "approvers="+strings.Join(r.Approvers(), ", "))
	return err
}

func addApprovals(ctx context.Context, r *pipeline.Record, env func(string) string) error {
	response, err := readApprovals(ctx, env)
	if err != nil {
		return err
	}
	return r.AddApprovals(response)
}

func readApprovals(ctx context.Context, env func(string) string) ([]byte, error) {
	url := fmt.Sprintf("%s/repos/%s/actions/runs/%s/approvals", env("GITHUB_API_URL"), env("GITHUB_REPOSITORY"), env("GITHUB_RUN_ID"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("Authorization", "Bearer "+env("GH_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read who approved: GitHub answered %s", response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}

func slack(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("slack", flag.ContinueOnError)
	file := flags.String("record", "", "the file of the record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	var r pipeline.Record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	message, err := r.Message()
	if err != nil {
		return err
	}
	return tell(ctx, env, out, message)
}

func checks(ctx context.Context, env func(string) string, out io.Writer) error {
	r, err := recordOf(env)
	if err != nil || r.Outcome == pipeline.Success {
		return err
	}
	message, err := r.ChecksMessage(env("GITHUB_WORKFLOW"))
	if err != nil {
		return err
	}
	return tell(ctx, env, out, message)
}

// tell posts a message to Slack, or prints it where there is no webhook.
func tell(ctx context.Context, env func(string) string, out io.Writer, message []byte) error {
	webhook := env("SLACK_WEBHOOK")
	if webhook == "" {
		_, err := fmt.Fprintf(out, "the repository has no secret SLACK_WEBHOOK; Slack would be told %s\n", message)
		return err
	}
	if err := pipeline.ParseWebhook(webhook); err != nil {
		return err
	}
	return pipeline.Post(ctx, webhook, message)
}
