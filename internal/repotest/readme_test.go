package repotest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's example of a new endpoint must compile in the place it names.
func TestTheEndpointInTheREADMECompiles(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n// (\\S+\\.go)\n(.*?)```").FindStringSubmatch(string(readme))
	if block == nil {
		t.Fatal("the README has no Go example that begins with its file's name")
	}
	dir := t.TempDir()
	source, overlay := filepath.Join(dir, "example.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(source, []byte(block[2]), 0o600); err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, block[1]): source}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	vet := exec.Command("go", "vet", "-overlay", overlay, "./"+filepath.Dir(block[1]))
	vet.Dir = root
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("%s does not compile: %v\n%s", block[1], err, strings.TrimSpace(string(out)))
	}
}
