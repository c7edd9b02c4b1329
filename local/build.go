package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// build compiles a background command of local/cmd into the stage's folder.
func (s *Stage) build(ctx context.Context, command string) (binary string, err error) {
	binary = filepath.Join(s.options.StateDir, command)
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./local/cmd/"+command)
	build.Dir = s.options.Root
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the %s: %w\n%s", command, err, out)
	}
	return binary, nil
}
