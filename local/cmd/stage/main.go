package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/expenzez/infrastructure/local"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	options := local.Options{Detached: true, Fakes: local.DefaultFakesAddr, Progress: os.Stdout}
	if err := run(ctx, os.Args[1:], options, os.Stdout); err != nil {
		if ctx.Err() != nil {
			err = errInterrupted
		}
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
}

var errInterrupted = errors.New("interrupted: started processes keep running; continue with make up or stop them with make down")

const usage = "usage: stage up|down|url|mail|logs [name]|replay queue|install"

func run(ctx context.Context, args []string, options local.Options, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	switch command, rest := args[0], args[1:]; command {
	case "up":
		return up(ctx, options, out)
	case "down":
		return down(ctx, options, out)
	case "url":
		return url(options, out)
	case "mail":
		return mail(ctx, options, out)
	case "logs":
		return logs(ctx, options, strings.Join(rest, " "), out)
	case "replay":
		return replay(ctx, options, rest, out)
	case "install":
		return install(ctx, options)
	default:
		return fmt.Errorf("unknown command %q; %s", command, usage)
	}
}

func install(ctx context.Context, options local.Options) error {
	if err := local.CheckTools(ctx); err != nil {
		return err
	}
	if err := local.InstallEngine(ctx, options); err != nil {
		return err
	}
	return local.InstallCLI(ctx, options)
}

func up(ctx context.Context, options local.Options, out io.Writer) error {
	if err := local.CheckTools(ctx); err != nil {
		return err
	}
	stage, err := local.Start(ctx, options)
	if err != nil {
		return err
	}
	if err := stage.Deploy(ctx); err != nil {
		return err
	}
	if stage.URL() == "" {
		return errors.New("deployed, but no stack has an output ApiId, so there is no API to serve")
	}
	fmt.Fprintf(out, firstSteps, stage.URL(), stage.EngineURL(), stage.FakesURL())
	return nil
}

const firstSteps = `
The stage is up: %[1]s

  curl %[1]s/health
  curl %[1]s/auth/register -H 'content-type: application/json' -d '{
    "username": "ada", "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace",
    "email": "ada@example.com", "password": "Correct-horse-1", "marketing_consent": false}'

Confirmation codes: make mail. Logs: make logs. AWS APIs: AWS_ENDPOINT_URL=%[2]s.
Apple, Google, OpenAI, RevenueCat, Expo and Sentry are stand-ins. The tokens for a
sign-in with Apple: curl -X POST '%[3]s/-/apple/sign-in?subject=001'
Stop the stage and delete its data: make down.
`

func down(ctx context.Context, options local.Options, out io.Writer) error {
	was, err := local.Stop(ctx, options)
	if err != nil {
		return err
	}
	if !was {
		fmt.Fprintln(out, "Nothing is running.")
		return nil
	}
	fmt.Fprintln(out, "Stopped. The logs and the authorization log stay in .local/stage.")
	return nil
}

func url(options local.Options, out io.Writer) error {
	stage, err := local.Attach(options)
	if err != nil {
		return err
	}
	if stage.URL() == "" {
		return errors.New("the engine runs, but nothing is served: finish the deployment with make up")
	}
	fmt.Fprintln(out, stage.URL())
	return nil
}

func mail(ctx context.Context, options local.Options, out io.Writer) error {
	stage, err := local.Attach(options)
	if err != nil {
		return err
	}
	messages, err := stage.Mail(ctx)
	if err != nil {
		return err
	}
	if len(messages) == 0 {
		fmt.Fprintln(out, "No e-mail was sent yet.")
	}
	for _, m := range messages {
		text, err := m.PlainText()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "From: %s\nTo: %s\nSubject: %s\n\n%s\n\n", m.From, strings.Join(m.To, ", "), m.Subject, text)
	}
	return nil
}

func logs(ctx context.Context, options local.Options, name string, out io.Writer) error {
	stage, err := local.Attach(options)
	if err != nil {
		return err
	}
	lines, err := stage.Logs(ctx, name)
	if err != nil {
		return err
	}
	switch {
	case len(lines) > 0:
	case name == "":
		fmt.Fprintln(out, "Nothing is logged yet.")
	default:
		fmt.Fprintf(out, "Nothing is logged yet under a name with %q in it.\n", name)
	}
	for _, l := range lines {
		fmt.Fprintf(out, "%s %s %s\n", l.Time.UTC().Format("15:04:05.000"), l.Group, l.Message)
	}
	return nil
}

func replay(ctx context.Context, options local.Options, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("name the queue whose dead letters to replay: make replay QUEUE=expenzez-local-notifications-feed-goal-reached")
	}
	stage, err := local.Attach(options)
	if err != nil {
		return err
	}
	moved, err := stage.Replay(ctx, args[0])
	fmt.Fprintf(out, "Dead letters sent to %s again: %d.\n", args[0], moved)
	return err
}
