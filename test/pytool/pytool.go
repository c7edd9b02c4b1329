// Package pytool installs the Python programs that tests run.
package pytool

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Install returns the path of a program of a Python package. The file requirements pins
// the package and what it needs to the byte, as pip does with --require-hashes. Install
// installs them into a virtual environment below root, the folder of go.mod, once for each
// version of that file.
func Install(t *testing.T, root, requirements, program string) (path string) {
	t.Helper()
	pinned, err := os.ReadFile(requirements)
	if err != nil {
		t.Fatal(err)
	}
	parent, err := filepath.Abs(filepath.Join(root, ".local"))
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(parent, fmt.Sprintf("%s-%.16x", program, sha256.Sum256(pinned)))
	path = filepath.Join(venv, "bin", program)
	complete := filepath.Join(venv, "complete") // created last, so an interrupted installation is repeated
	if _, err := os.Stat(complete); err == nil {
		return path
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{"python3", "-m", "venv", "--clear", venv},
		{filepath.Join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", requirements},
	} {
		if said, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("install %s (it takes Python 3.11 or newer): %v\n%s", program, err, said)
		}
	}
	if err := os.WriteFile(complete, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
