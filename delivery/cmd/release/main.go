// Command release makes the versions live that the stacks of a stage have published, or
// takes them back:
//
//	make release STAGE=prod
//	make rollback STAGE=prod
//
// The record of the release, as JSON, goes to standard output and to the file of -record.
// What happens meanwhile goes to standard error. The status is 0 if the new versions are
// live, of a rollback the old ones, or if there was nothing to release; 3 if they are not;
// and 1 if the command failed. A failed command is repeated: it continues the release.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/delivery/release"
)

// takenBackStatus is the exit status of a release or rollback that was taken back.
const takenBackStatus = 3

type options struct {
	stage, commit, approvedBy, record, owner           string
	attempts                                           int
	rollback, further, despiteAlarms, atOnce, accepted bool
}

// flags returns the command's flags, which set the options.
func (o *options) flags() *flag.FlagSet {
	f := flag.NewFlagSet("release", flag.ExitOnError)
	f.StringVar(&o.stage, "stage", "", "the stage to release")
	f.StringVar(&o.commit, "commit", "", "the commit that was deployed, for the record")
	f.StringVar(&o.approvedBy, "approved-by", "", "who let the release begin, for the record")
	f.StringVar(&o.record, "record", "", "the file of the record; empty for standard output only")
	f.StringVar(&o.owner, "owner", "", "what identifies this run: a later run of the same owner need not wait for the lease; empty for a random text")
	f.IntVar(&o.attempts, "attempts", 1, "how often to work on the release if it fails after it began")
	f.BoolVar(&o.rollback, "rollback", false, "take back the release that runs, or the last committed one")
	f.BoolVar(&o.further, "further", false, "with -rollback: go back beyond what an operator has taken back already")
	f.BoolVar(&o.atOnce, "at-once", false, "do not watch the new versions first")
	f.BoolVar(&o.despiteAlarms, "despite-alarms", false, "release though watched alarms are in ALARM")
	f.BoolVar(&o.accepted, "rolled-back", false, "accept stacks whose last deployment was rolled back")
	return f
}

func main() {
	var o options
	_ = o.flags().Parse(os.Args[1:]) // which exits on an error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ended, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
	os.Exit(status(ended, o.rollback))
}

// status returns the exit status. A rollback wants the old versions live: those of a
// rollback that was committed, or of a release that was taken back.
func status(ended *release.Release, rollback bool) int {
	if ended == nil {
		return 0
	}
	want := release.Committed
	if rollback && !ended.Rollback {
		want = release.TakenBack
	}
	if ended.Phase != want {
		return takenBackStatus
	}
	return 0
}

func run(ctx context.Context, o options) (*release.Release, error) {
	cfg, err := config.Load(o.stage)
	if err != nil {
		return nil, err
	}
	aws, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(cfg.Region))
	if err != nil {
		return nil, fmt.Errorf("read the AWS credentials of this shell: %w", err)
	}
	command, err := newCommand(ctx, cfg, aws, o)
	if err != nil {
		return nil, err
	}
	work := command.Run
	if o.rollback {
		work = command.Rollback
	}
	ended, err := work(ctx)
	if err != nil || ended == nil {
		return nil, err
	}
	return ended, write(ended, o.record)
}

// newCommand returns the command for a stage. It refuses credentials of another account.
func newCommand(ctx context.Context, cfg config.Config, aws aws.Config, o options) (*release.Command, error) {
	caller, err := sts.NewFromConfig(aws).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("find out whose credentials these are: %w", err)
	}
	if err := cfg.CheckAccount(*caller.Account); err != nil {
		return nil, err
	}
	functions := release.NewFunctions(aws, cfg.PhysicalName(""))
	functions.RolledBack = o.accepted
	command := &release.Command{
		Stage: cfg.Stage, Store: release.NewTable(aws, cfg.PhysicalName(config.ReleasesTable)), Aliases: functions,
		Watcher: release.NewMetrics(aws, cfg.PhysicalName(""), functions.API),
		Owner:   cmp.Or(o.owner, rand.Text()), Commit: o.commit, ApprovedBy: o.approvedBy,
		DespiteAlarms: o.despiteAlarms, Further: o.further, Attempts: o.attempts,
		Report: func(format string, args ...any) {
			fmt.Fprintf(os.Stderr, time.Now().UTC().Format("15:04:05 ")+format+"\n", args...)
		},
	}
	if !o.atOnce {
		command.Weight, command.Watch = cfg.Release.Weight, cfg.Release.Watch
	}
	return command, nil
}

func write(ended *release.Release, file string) error {
	text, err := json.MarshalIndent(ended, "", "  ")
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	if file == "" {
		return nil
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
