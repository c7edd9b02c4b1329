// Command infrastructure is the CDK app of the Expenzez backend. The CDK CLI runs it.
// The stage is a context value: cdk deploy --all --context stage=staging. The context value profile, lean or
// full, replaces the controls that the stage has chosen.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/policy"
	"github.com/expenzez/infrastructure/stacks"
)

func main() {
	cfg, err := configure()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	app := awscdk.NewApp(nil)
	defer policy.ExitOnFailure(app)
	stacks.Build(app, cfg, ".")
	app.Synth(nil)
}

// configure loads the stage that the command line names. It refuses credentials of
// another account, and credentials of a stage whose configuration still has examples,
// before any stack is built. Without credentials it names the examples. It reads the context from
// CDK_CONTEXT_JSON, where the CLI passes it. Asking CDK for the context would start
// Node, whose output would hide the one-line error.
func configure() (config.Config, error) {
	var context struct {
		Stage   string
		Profile config.Profile
	}
	if text, ok := os.LookupEnv("CDK_CONTEXT_JSON"); ok {
		if err := json.Unmarshal([]byte(text), &context); err != nil {
			return config.Config{}, fmt.Errorf("read CDK_CONTEXT_JSON: %w", err)
		}
	}
	cfg, err := config.LoadProfile(context.Stage, context.Profile)
	if err != nil {
		return cfg, err
	}
	account := os.Getenv("CDK_DEFAULT_ACCOUNT")
	if note := cfg.PlaceholderNote(); note != "" && account == "" {
		fmt.Fprintln(os.Stderr, note)
	}
	return cfg, cfg.CheckDeployable(account)
}
