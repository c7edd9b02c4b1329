package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// byURL runs what workflows run against a deployed stage. A stage that is not there fails
// each of them. Whether the machine is fast enough for the load is not asked here, because
// other tests run on it; but every request must succeed.
func byURL(t *testing.T) {
	state := filepath.Dir(stage.EngineLog())
	for target, shows := range map[string]string{"smoke": "ok", "e2e": "ok", "load": "'rate<0.01' rate=0.00%"} {
		said, err := runMake(t, target, "URL="+stage.URL(), "STATE="+state, "SECONDS=5")
		if err != nil && target != "load" || !strings.Contains(said, shows) {
			t.Errorf("make %s: %v\n%s", target, err, said)
		}
		if said, err := runMake(t, target, "URL=http://127.0.0.1:9", "STATE="+state); err == nil {
			t.Errorf("make %s is content with a stage that does not answer:\n%s", target, said)
		}
	}
}

func runMake(t *testing.T, arguments ...string) (said string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory"}, arguments...)...)
	command.Dir = filepath.Join("..", "..")
	out, err := command.CombinedOutput()
	return string(out), err
}
