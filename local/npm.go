package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// InstallCLI installs the CDK CLI in the versions of package-lock.json, unless it is
// installed already. Several processes may call it at once.
func InstallCLI(ctx context.Context, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	_, err = newStage(o).ensureCLI(ctx)
	return err
}

// ensureCLI returns the path of the pinned CDK CLI.
func (s *Stage) ensureCLI(ctx context.Context) (string, error) {
	root := s.options.Root
	err := withLock(ctx, filepath.Join(root, ".local", "npm.lock"), func() { s.report("Waiting for another process to install the CDK CLI") }, func() error {
		current, err := isNPMCurrent(root)
		if err != nil || current {
			return err
		}
		npm, err := npmTool.find(ctx)
		if err != nil {
			return err
		}
		s.report("Installing the CDK CLI as package-lock.json pins it")
		cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("npm ci: %w\n%s", err, out)
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("install the CDK CLI: %w", err)
	}
	return filepath.Join(root, "node_modules", ".bin", "cdk"), nil
}

// npmLock is the part of package-lock.json that lists the packages. npm writes a file
// of the same form into node_modules that lists the installed packages.
type npmLock struct {
	Packages map[string]struct {
		Version  string `json:"version"`
		Optional bool   `json:"optional"`
	} `json:"packages"`
}

// isNPMCurrent reports whether node_modules has every package of the lock file in the
// locked version. Optional packages may be missing, because they are for other
// operating systems.
func isNPMCurrent(root string) (bool, error) {
	wanted, err := readNPMLock(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return false, err
	}
	installed, err := readNPMLock(filepath.Join(root, "node_modules", ".package-lock.json"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for path, p := range wanted.Packages {
		if got, ok := installed.Packages[path]; path != "" && (ok || !p.Optional) && got.Version != p.Version {
			return false, nil
		}
	}
	return true, nil
}

func readNPMLock(path string) (npmLock, error) {
	var lock npmLock
	data, err := os.ReadFile(path)
	if err != nil {
		return lock, err
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return lock, fmt.Errorf("%s: %w", path, err)
	}
	return lock, nil
}
