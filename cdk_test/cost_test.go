package cdk_test

import (
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/cost"
)

// estimated holds the cost of every stage in every profile.
var estimated = sync.OnceValues(func() (reports []cost.Report, err error) {
	for _, name := range config.Stages() {
		for _, profile := range config.Profiles() {
			s, err := inProfile(name, profile)
			if err != nil {
				return nil, err
			}
			report, err := cost.Estimate(s.config, costStacks(s.templates))
			if err != nil {
				return nil, err
			}
			reports = append(reports, report)
		}
	}
	return reports, nil
})

// inProfile returns a stage in a profile. It builds the stage only if no other test does.
func inProfile(name string, profile config.Profile) (stage, error) {
	cfg, err := config.LoadProfile(name, profile)
	if err != nil {
		return stage{}, err
	}
	for _, built := range []func() ([]stage, error){synthesized, withAllControls} {
		stages, err := built()
		if err != nil {
			return stage{}, err
		}
		for _, s := range stages {
			if reflect.DeepEqual(s.config, cfg) {
				return s, nil
			}
		}
	}
	stages, err := synthesize([]string{name}, profile)
	if err != nil {
		return stage{}, err
	}
	return stages[0], nil
}

func costStacks(templates map[string]template) (stacks []cost.Stack) {
	for name, t := range templates {
		resources := map[string]cost.Resource{}
		for id, r := range t.Resources {
			resources[id] = cost.Resource{Type: r.Type, Properties: r.Properties}
		}
		stacks = append(stacks, cost.Stack{Name: name, Resources: resources})
	}
	return stacks
}

func reports(t *testing.T) []cost.Report {
	t.Helper()
	all, err := estimated()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCost_EachStageInEachProfile_IsWithinBudget(t *testing.T) {
	for _, report := range reports(t) {
		if err := report.CheckBudget(); err != nil {
			t.Error(err)
		}
	}
}

func TestCost_LeanProd_IsWithin100USD(t *testing.T) {
	for _, report := range reports(t) {
		if report.Stage == "prod" && report.Profile == config.Lean && report.FixedUSD > 100 {
			t.Errorf("costs %.2f USD a month without a request", report.FixedUSD)
		}
	}
}

func TestCostPage_IsCurrent(t *testing.T) {
	page, err := cost.Page(reports(t))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(moduleDir, "docs", "cost.md")
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != page {
		t.Errorf("docs/cost.md differs from the templates, the prices or the measured operations (%v): run go test ./cdk_test -run TestCost -update", err)
	}
}
