package changes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/cost"
	"github.com/expenzez/infrastructure/lambdas"
)

// Snapshot is the folder of one commit. It has a folder of templates for each stage,
// access.json, costs.json and openapi.yaml.
type Snapshot struct{ dir string }

// OpenSnapshot opens a folder that Write wrote. It returns an error if it is none.
func OpenSnapshot(dir string) (Snapshot, error) {
	if _, err := os.Stat(filepath.Join(dir, accessFile)); err != nil {
		return Snapshot{}, fmt.Errorf("%s is no snapshot: write one with make snapshot OUT=%s: %w", dir, dir, err)
	}
	return Snapshot{dir}, nil
}

const (
	accessFile   = "access.json"
	costsFile    = "costs.json"
	contractFile = "openapi.yaml"
)

// Synth writes the templates of a stage to a folder.
type Synth func(stage, dir string) error

// Write writes the snapshot of the checkout in root to a new folder. It returns an error if
// the folder exists.
func Write(root, dir string, synth Synth) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists: name a new folder for the snapshot", dir)
	}
	costs := map[string]cost.Report{}
	for _, stage := range Stages() {
		templates := filepath.Join(dir, stage)
		if err := os.MkdirAll(templates, 0o755); err != nil {
			return err
		}
		if err := synth(stage, templates); err != nil {
			return fmt.Errorf("synth of stage %s: %w", stage, err)
		}
		if err := removeAssets(templates); err != nil {
			return err
		}
		report, err := estimate(stage, templates)
		if err != nil {
			return fmt.Errorf("cost of stage %s: %w", stage, err)
		}
		costs[stage] = report
	}
	contract, err := os.ReadFile(filepath.Join(root, "api", contractFile))
	if err != nil {
		return err
	}
	return errors.Join(
		writeJSON(filepath.Join(dir, costsFile), costs),
		os.WriteFile(filepath.Join(dir, contractFile), contract, 0o644),
		writeJSON(filepath.Join(dir, accessFile), AccessOf(lambdas.Domains())),
	)
}

// removeAssets removes the functions' code, which no comparison reads: a template names it
// by its hash.
func removeAssets(dir string) error {
	assets, err := filepath.Glob(filepath.Join(dir, "asset.*"))
	if err != nil {
		return err
	}
	for _, asset := range assets {
		if err := os.RemoveAll(asset); err != nil {
			return err
		}
	}
	return nil
}

// Stages returns the stages that are deployed to AWS.
func Stages() []string {
	var deployed []string
	for _, stage := range config.Stages() {
		if stage != "local" {
			deployed = append(deployed, stage)
		}
	}
	return deployed
}

func estimate(stage, templates string) (cost.Report, error) {
	cfg, err := config.Load(stage)
	if err != nil {
		return cost.Report{}, err
	}
	stacks, err := cost.ReadStacks(templates)
	if err != nil {
		return cost.Report{}, err
	}
	return cost.Estimate(cfg, stacks)
}

func writeJSON(file string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func (s Snapshot) access() (access Access, err error) { return access, s.read(accessFile, &access) }

func (s Snapshot) costs() (costs map[string]cost.Report, err error) {
	return costs, s.read(costsFile, &costs)
}

func (s Snapshot) contract() string { return filepath.Join(s.dir, contractFile) }

// templates returns the templates of a stage by the stack's name.
func (s Snapshot) templates(stage string) (map[string][]byte, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, stage, "*.template.json"))
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for _, file := range files {
		name := filepath.Base(file)
		if found[name[:len(name)-len(".template.json")]], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no templates of stage %s", s.dir, stage)
	}
	return found, nil
}

func (s Snapshot) templateFile(stage, stack string) string {
	return filepath.Join(s.dir, stage, stack+".template.json")
}

func (s Snapshot) read(file string, into any) error {
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(s.dir, file), err)
	}
	return nil
}
