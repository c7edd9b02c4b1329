package constructs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/build"
	"hash"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// buildState is the last build of a bundle.
type buildState struct{ keyFile, executable string }

// isCurrent reports whether the last build had the key and its executable is still
// there, unchanged.
func (s buildState) isCurrent(key string) bool {
	if key == "" {
		return false
	}
	recorded, err := os.ReadFile(s.keyFile)
	if err != nil {
		return false
	}
	sum, err := checksum(s.executable)
	return err == nil && string(recorded) == key+" "+sum+"\n"
}

// record records that the executable with the checksum was built with the key. Without a
// key it removes the last record.
func (s buildState) record(key, sum string) error {
	if key == "" {
		return os.RemoveAll(s.keyFile)
	}
	return os.WriteFile(s.keyFile, []byte(key+" "+sum+"\n"), 0o644)
}

func checksum(file string) (string, error) {
	raw, err := os.ReadFile(file)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), err
}

// goSettings are the variables of the go command that change what it builds.
var goSettings = []string{"GOVERSION", "GOFLAGS", "GOEXPERIMENT", "GOARM64", "GOAMD64", "GOFIPS140", "GOMOD", "GOWORK"}

// goEnv returns the values of goSettings in a folder. The go command takes 20 ms.
var goEnv = func() func(dir string) ([]string, error) {
	var known sync.Map
	return func(dir string) ([]string, error) {
		if values, ok := known.Load(dir); ok {
			return values.([]string), nil
		}
		cmd := exec.Command("go", append([]string{"env"}, goSettings...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		if len(values) != len(goSettings) {
			return nil, fmt.Errorf("go env printed %d lines", len(values))
		}
		known.Store(dir, values)
		return values, nil
	}
}()

// sources collects the checksum of everything that a build reads.
type sources struct {
	hash.Hash
	context build.Context
	root    string // of the module
	module  string // its path
	seen    map[string]bool
}

// sourceKey returns a checksum of everything that the build of the bundle reads: the
// toolchain, the module's requirements, and the files of the package and of its
// imports within the module. go.sum stands for other modules. It returns "" if the
// build reads more than that: a workspace, a vendor folder, or a module that a folder
// replaces.
func (b bundle) sourceKey(goarch string, flags []string) string {
	settings, err := goEnv(b.dir)
	if err != nil {
		return ""
	}
	modFile, workFile := settings[len(settings)-2], settings[len(settings)-1]
	if workFile != "" && workFile != "off" || filepath.Base(modFile) != "go.mod" {
		return ""
	}
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = "linux", goarch, false
	context.BuildTags = append([]string{"lambda.norpc"}, strings.Split(b.tags, ",")...)
	s := &sources{Hash: sha256.New(), context: context, root: filepath.Dir(modFile), seen: map[string]bool{}}
	fmt.Fprintf(s, "%q %q %q\n", settings[:len(settings)-2], goarch, flags)
	if s.addModule(modFile) != nil || s.addPackage(s.folderOf(b.dir, b.pkg)) != nil {
		return ""
	}
	return hex.EncodeToString(s.Sum(nil))
}

var errUnknownSources = errors.New("the build reads files outside the module")

func (s *sources) addModule(modFile string) error {
	text, err := os.ReadFile(modFile)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "module" {
			s.module = strings.Trim(words[1], `"`)
		}
		if at := slices.Index(words, "=>"); at >= 0 && at+1 < len(words) && (strings.HasPrefix(words[at+1], ".") || filepath.IsAbs(words[at+1])) {
			return errUnknownSources
		}
	}
	if _, err := os.Stat(filepath.Join(s.root, "vendor")); err == nil {
		return errUnknownSources
	}
	fmt.Fprintf(s, "%s\n", text)
	sums, err := os.ReadFile(filepath.Join(s.root, "go.sum"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	fmt.Fprintf(s, "%s\n", sums)
	return err
}

// folderOf returns the folder of a package of the module, or "" if it is of another
// module.
func (s *sources) folderOf(dir, pkg string) string {
	if pkg == "." || strings.HasPrefix(pkg, "./") || strings.HasPrefix(pkg, "../") {
		return filepath.Join(dir, pkg)
	}
	if pkg == s.module {
		return s.root
	}
	if rest, ok := strings.CutPrefix(pkg, s.module+"/"); ok {
		return filepath.Join(s.root, filepath.FromSlash(rest))
	}
	return ""
}

// addPackage adds the package in the folder and its imports within the module.
func (s *sources) addPackage(dir string) error {
	if dir == "" {
		return errUnknownSources
	}
	if s.seen[dir] {
		return nil
	}
	s.seen[dir] = true
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != s.root {
		return errUnknownSources
	}
	pkg, err := s.context.ImportDir(dir, 0)
	if err != nil {
		return err
	}
	for _, name := range slices.Concat(pkg.GoFiles, pkg.SFiles, pkg.HFiles) {
		if err := s.addFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, pattern := range pkg.EmbedPatterns {
		if err := s.addEmbedded(dir, pattern); err != nil {
			return err
		}
	}
	for _, path := range pkg.Imports {
		if folder := s.folderOf(dir, path); folder != "" {
			if err := s.addPackage(folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// addEmbedded adds each file that a pattern of //go:embed matches, and more in folders,
// of which the go command leaves out some.
func (s *sources) addEmbedded(dir, pattern string) error {
	matches, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(pattern, "all:"))))
	if err != nil {
		return err
	}
	for _, match := range matches {
		err := filepath.WalkDir(match, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			return s.addFile(path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addFile adds a file's content and its path in the module.
func (s *sources) addFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(s.root, path)
	fmt.Fprintf(s, "%q %d\n%s", name, len(text), text)
	return err
}
