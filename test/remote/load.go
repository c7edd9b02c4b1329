package remote

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
)

// k6 sends load. Go fetches it, and checks it against the checksum database.
// https://github.com/grafana/k6
const k6 = "go.k6.io/k6@v1.3.0"

// RunLoad runs test/load/transactions.js against a stage as the user with the token. The
// settings are variables of the script, as NAME=value. root is the folder of go.mod. The
// error says that a threshold was missed, or that k6 failed. k6 gets the token by its
// environment.
func RunLoad(ctx context.Context, root, url, token string, settings ...string) (report string, err error) {
	script, err := filepath.Abs(filepath.Join(root, "test", "load", "transactions.js"))
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "go", "run", k6, "run", "--quiet", "--no-color", script)
	command.Env = append(os.Environ(), append([]string{"K6_NO_USAGE_REPORT=true", "URL=" + url, "TOKEN=" + token}, settings...)...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err = command.Run()
	return out.String(), err
}
