package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// stampName is the file in the virtual environment with the digest of the installed
// requirements.
const stampName = "requirements.sha256"

// InstallEngine installs the engine in .local/venv of the repository in the version of
// local/engine/requirements.txt, unless it is installed already. Several processes
// may call it at once: one installs, the others wait.
func InstallEngine(ctx context.Context, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	_, err = ensureVenv(ctx, o.Root, func(format string, args ...any) {
		fmt.Fprintf(o.Progress, format+"\n", args...)
	})
	return err
}

// ensureVenv returns the path of the virtual environment's Python. It installs the
// environment when it is missing or outdated.
func ensureVenv(ctx context.Context, root string, report func(string, ...any)) (python string, err error) {
	venv := filepath.Join(root, ".local", "venv")
	requirements := filepath.Join(root, "local", "engine", "requirements.txt")
	python = filepath.Join(venv, "bin", "python")
	err = withLock(ctx, venv+".lock", func() { report("Waiting for another process to install the engine") }, func() error {
		base, err := pythonTool.find(ctx)
		if err != nil {
			return err
		}
		stamp, err := venvStamp(ctx, base, requirements)
		if err != nil {
			return err
		}
		installed, err := os.ReadFile(filepath.Join(venv, stampName))
		if err == nil && string(installed) == stamp {
			return nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		report("Installing the local AWS engine into %s (once, half a minute)", venv)
		return installVenv(ctx, base, venv, requirements, stamp)
	})
	if err != nil {
		return "", fmt.Errorf("install the local AWS engine: %w", err)
	}
	return python, nil
}

// venvStamp returns a digest of the requirements, the path of Python and its version.
func venvStamp(ctx context.Context, base, requirements string) (string, error) {
	pinned, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	version, err := exec.CommandContext(ctx, base, "--version").Output()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(bytes.Join([][]byte{pinned, []byte(base), version}, []byte{0}))
	return hex.EncodeToString(sum[:]), nil
}

// installVenv builds a new environment. It writes the stamp last, so that the next
// call repeats an interrupted installation.
func installVenv(ctx context.Context, base, venv, requirements, stamp string) error {
	if err := os.RemoveAll(venv); err != nil {
		return err
	}
	steps := []*exec.Cmd{
		exec.CommandContext(ctx, base, "-m", "venv", venv),
		exec.CommandContext(ctx, filepath.Join(venv, "bin", "python"), "-m", "pip", "install",
			"--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", requirements),
	}
	for _, step := range steps {
		if out, err := step.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(step.Args, " "), err, out)
		}
	}
	return os.WriteFile(filepath.Join(venv, stampName), []byte(stamp), 0o600)
}
