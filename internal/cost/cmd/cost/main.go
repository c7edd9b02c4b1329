// Command cost prints what a stage costs in a month, from its synthesized templates:
//
//	make cost STAGE=prod PROFILE=lean
//
// It exits with status 1 when the fixed part passes the stage's budget.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/cost"
)

func main() {
	stage := flag.String("stage", "", "the stage whose configuration the templates have")
	profile := flag.String("profile", "", "the profile that the templates were synthesized with; empty for the stage's own controls")
	templates := flag.String("templates", "cdk.out", "the folder of the templates")
	asJSON := flag.Bool("json", false, "print JSON, for programs")
	flag.Parse()
	if err := run(*stage, config.Profile(*profile), *templates, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func run(stage string, profile config.Profile, templates string, asJSON bool) error {
	cfg, err := config.LoadProfile(stage, profile)
	if err != nil {
		return err
	}
	stacks, err := cost.ReadStacks(templates)
	if err != nil {
		return err
	}
	report, err := cost.Estimate(cfg, stacks)
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Print(report.Text())
		return report.CheckBudget()
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return report.CheckBudget()
}
