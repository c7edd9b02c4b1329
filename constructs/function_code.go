package constructs

import (
	"fmt"
	"os"
	"path/filepath"
)

// FunctionCode is what a function on provided.al2023 runs: a folder with an
// executable named bootstrap. BootstrapFolder and GoBundle implement it.
type FunctionCode interface {
	// Folder returns the folder, built for the architecture where the code is
	// built here. The error says why there is none.
	Folder(architecture Architecture) (string, error)
}

// BootstrapFolder is the path of a folder that holds an executable named
// bootstrap, built by someone else for the function's architecture.
type BootstrapFolder string

// Folder returns the folder if it holds an executable bootstrap.
func (f BootstrapFolder) Folder(Architecture) (string, error) {
	file := filepath.Join(string(f), bootstrapName)
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("find the function's executable, which must be called %s: %w", bootstrapName, err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return "", fmt.Errorf("%s is not an executable file; build it, or chmod +x", file)
	}
	return string(f), nil
}
