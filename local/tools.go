package local

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tool is a program that the stage needs on this machine.
type tool struct {
	name       string
	commands   []string // possible command names, the preferred first
	version    []string // arguments that print the version
	minVersion [2]int   // lowest major and minor version that works
	source     string   // where to download it
}

// The tools of a stage. go.mod requires this version of Go, jsii 1.140 Node.js 20, and
// the engine's pinned requirements Python 3.11.
var (
	goTool     = tool{"Go", []string{"go"}, []string{"version"}, [2]int{1, 26}, "https://go.dev/dl"}
	nodeTool   = tool{"Node.js", []string{"node"}, []string{"--version"}, [2]int{20, 0}, "https://nodejs.org (22 or newer is supported)"}
	npmTool    = tool{"npm", []string{"npm"}, []string{"--version"}, [2]int{9, 0}, "https://nodejs.org, which includes it"}
	pythonTool = tool{"Python", []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11"},
		[]string{"--version"}, [2]int{3, 11}, "https://www.python.org/downloads, with the venv module"}
)

// CheckTools returns an error that names every missing or outdated tool and where to
// download it.
func CheckTools(ctx context.Context) error {
	var missing []error
	for _, t := range []tool{goTool, nodeTool, npmTool, pythonTool} {
		_, err := t.find(ctx)
		missing = append(missing, err)
	}
	return errors.Join(missing...)
}

// find returns the first of the tool's commands whose version is high enough.
func (t tool) find(ctx context.Context) (string, error) {
	var tooOld []string
	for _, command := range t.commands {
		path, err := exec.LookPath(command)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, t.version...).CombinedOutput()
		if err != nil {
			tooOld = append(tooOld, fmt.Sprintf("%s fails: %v", path, err))
			continue
		}
		found, err := parseVersion(string(out))
		if err == nil && slices.Compare(found[:], t.minVersion[:]) >= 0 {
			return path, nil
		}
		tooOld = append(tooOld, fmt.Sprintf("%s is %s", path, strings.TrimSpace(string(out))))
	}
	reason := "is not installed"
	if len(tooOld) > 0 {
		reason = "is too old: " + strings.Join(tooOld, "; ")
	}
	return "", fmt.Errorf("%s %s: install %d.%d or later from %s", t.name, reason, t.minVersion[0], t.minVersion[1], t.source)
}

var versionPattern = regexp.MustCompile(`(\d+)\.(\d+)`)

// parseVersion returns the first major.minor in the output of a tool.
func parseVersion(printed string) ([2]int, error) {
	m := versionPattern.FindStringSubmatch(printed)
	if m == nil {
		return [2]int{}, fmt.Errorf("no version in %q", printed)
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return [2]int{}, err
	}
	minor, err := strconv.Atoi(m[2])
	return [2]int{major, minor}, err
}
