package constructs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// bootstrapName is the name of the file that provided.al2023 starts.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-provided.html
const bootstrapName = "bootstrap"

// GoBundle builds a Go main package into a folder that CDK uploads. The same
// sources give the same bytes in every folder and commit, so CDK updates a function
// only when its code changes. Each package is built once per architecture in a
// process, however many functions use it. A package whose sources, requirements and
// toolchain are those of the last build is not built again.
type GoBundle struct {
	// Package is the main package, as an import path or a path from Dir that
	// starts with "./". Required.
	Package string
	// Dir is the folder in which the go command runs, inside the package's
	// module. Default: the process's working directory.
	Dir string
	// OutputDir is the folder for the folders of executables, relative to Dir.
	// Default: ".build".
	OutputDir string
	// Tags are build tags beside lambda.norpc, such as tags that leave parts of a
	// library out. Default: none.
	Tags []string
}

// Folder builds the package and returns the folder with the bootstrap. The error
// contains the compiler's output.
func (b GoBundle) Folder(architecture Architecture) (string, error) {
	if b.Package == "" {
		return "", errors.New("the GoBundle's Package is missing; name the main package, such as ./lambdas/orders")
	}
	dir, err := filepath.Abs(b.Dir)
	if err != nil {
		return "", fmt.Errorf("find Dir %q: %w", b.Dir, err)
	}
	output := orDefault(b.OutputDir, ".build")
	if !filepath.IsAbs(output) {
		output = filepath.Join(dir, output)
	}
	return bundles.build(bundle{dir, b.Package, output, strings.Join(b.Tags, ","), architecture})
}

// bundle holds the parameters of one build. It is also the cache key of the result.
type bundle struct {
	dir, pkg, output, tags string
	architecture           Architecture
}

// bundler caches build results for the life of the process. Sources do not change
// during a synthesis.
type bundler struct {
	mu     sync.Mutex
	folder map[bundle]string
}

var bundles = bundler{folder: map[bundle]string{}}

func (m *bundler) build(b bundle) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if folder, ok := m.folder[b]; ok {
		return folder, nil
	}
	folder, err := b.build()
	if err == nil {
		m.folder[b] = folder
	}
	return folder, err
}

// build returns the folder with the executable. It compiles only what changed since
// the last build, because linking takes half a second for each executable.
func (b bundle) build() (string, error) {
	goarch, ok := map[Architecture]string{ARM64: "arm64", X8664: "amd64"}[b.architecture]
	if !ok {
		return "", fmt.Errorf("build %s: no Go architecture for %q", b.pkg, b.architecture)
	}
	name, err := b.folderName()
	if err != nil {
		return "", fmt.Errorf("build %s: %w", b.pkg, err)
	}
	folder := filepath.Join(b.output, name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("build %s: %w", b.pkg, err)
	}
	// lambda.norpc leaves out the RPC mode of the retired go1.x runtime. The other
	// flags remove paths, commits, symbols and build ids from the file.
	// -buildmode=exe refuses a library, of which go build would make an archive.
	flags := []string{"-buildmode=exe", "-tags", "lambda.norpc," + b.tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid="}
	state := buildState{keyFile: folder + ".key", executable: filepath.Join(folder, bootstrapName)}
	key := b.sourceKey(goarch, flags)
	if state.isCurrent(key) {
		return folder, nil
	}
	sum, err := b.compile(goarch, flags, state.executable)
	if err != nil {
		return "", err
	}
	if b.sourceKey(goarch, flags) != key {
		key = "" // the sources changed while they were compiled
	}
	if err := state.record(key, sum); err != nil {
		return "", fmt.Errorf("build %s: %w", b.pkg, err)
	}
	return folder, nil
}

// compile compiles into a temporary folder and then moves the file into place. Another
// process that reads the folder never sees a partial executable. compile returns the
// executable's checksum.
func (b bundle) compile(goarch string, flags []string, executable string) (string, error) {
	scratch, err := os.MkdirTemp(b.output, "tmp-")
	if err != nil {
		return "", fmt.Errorf("build %s: %w", b.pkg, err)
	}
	defer os.RemoveAll(scratch)
	file := filepath.Join(scratch, bootstrapName)
	cmd := exec.Command("go", slices.Concat([]string{"build"}, flags, []string{"-o", file, b.pkg})...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s in %s for %s: %w\n%s", b.pkg, b.dir, goarch, err, strings.TrimSpace(string(out)))
	}
	sum, err := checksum(file)
	if err == nil {
		err = os.Rename(file, executable)
	}
	if err != nil {
		return "", fmt.Errorf("build %s: %w", b.pkg, err)
	}
	return sum, nil
}

// folderName returns a readable name without separators, such as
// lambdas-goals-arm64-0a1b2c3d. The fingerprint distinguishes packages with equal
// readable parts, such as "./a-b" and "./a/b", and modules of several Dirs with one
// OutputDir. The fingerprint uses Dir relative to the output folder, so every
// checkout has the same names.
func (b bundle) folderName() (string, error) {
	dir, err := filepath.Rel(b.output, b.dir)
	if err != nil {
		return "", err
	}
	name := notLetterOrDigit.ReplaceAllString(b.pkg+","+b.tags, "-")
	return strings.Trim(name, "-") + "-" + string(b.architecture) + "-" + fingerprint(dir, b.pkg, b.tags), nil
}
