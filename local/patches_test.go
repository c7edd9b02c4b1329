package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Other tests prove the effect of each patch on the running engine. This test proves
// that a changed engine does not start with outdated patches.
func TestPatch_EngineChanged_StopsTheEngine(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	python, err := ensureVenv(t.Context(), root, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ code, says string }{
		"the place has changed": {
			`import patches; patches.expect("cors_keys", patches.expect, "what it did before")`,
			"local/engine/patches/cors_keys.py no longer fits this engine",
		},
		"the place is as it was": {`import patches; patches.expect("cors_keys", patches.expect, "raise Outdated")`, ""},
		"another version":        {`import patches; patches.apply("1.0.0", "/dev/null", 0)`, "written for ministack 1.0.0, but 1.5.33 is installed"},
		"a recorded type that the engine has learnt": {
			`from ministack.services.cloudformation import provisioners
provisioners._RESOURCE_HANDLERS["AWS::EC2::EIP"] = {}
import patches.recorded_only; patches.recorded_only.apply()`,
			"it provisions AWS::EC2::EIP itself",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), python, "-B", "-c", c.code)
			cmd.Dir = root + "/local/engine"
			out, err := cmd.CombinedOutput()
			if (err != nil) != (c.says != "") || !strings.Contains(string(out), c.says) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestPatches_AreAppliedAndDocumented(t *testing.T) {
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	applied, page := read("engine/patches/__init__.py"), read("../docs/local-stage.md")
	files, err := filepath.Glob("engine/patches/*.py")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		if name == "__init__" {
			continue
		}
		if !strings.Contains(applied, `"`+name+`",`) && !strings.Contains(applied, "patches."+name+`"`) {
			t.Errorf("%s is not applied", file)
		}
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("docs/local-stage.md has no row for %s", name)
		}
		if text := read(file); !strings.Contains(text, "\nAWS: ") || !strings.Contains(text, "Engine 1.5.33") {
			t.Errorf("%s does not say what AWS and the engine do", file)
		}
	}
}
