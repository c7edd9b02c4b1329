package constructs_test

import (
	"crypto/sha256"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleGoBundle() {
	output, _ := os.MkdirTemp("", "build-")
	hello := constructs.GoBundle{Package: "./testdata/hello", OutputDir: output}
	folder, err := hello.Folder(constructs.ARM64)
	if err != nil {
		fmt.Println(err)
		return
	}
	files, _ := os.ReadDir(folder)
	fmt.Println(filepath.Base(folder)[:len("testdata-hello-arm64")], files[0].Name())
	// Output: testdata-hello-arm64 bootstrap
}

// module writes a Go module of one file and returns its folder.
func module(t *testing.T, source string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/one\n\ngo 1.26\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// smallMain links in the path of its own sources unless the build trims it, and
// the C library, by way of os/user, unless the build does without cgo.
const smallMain = `package main

import (
	_ "os/user"
	"runtime"
)

func main() {
	_, file, _, _ := runtime.Caller(0)
	println(file)
}
`

func mustBundle(t *testing.T, b constructs.GoBundle, a constructs.Architecture) (file string) {
	t.Helper()
	folder, err := b.Folder(a)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "bootstrap")
}

func TestGoBundle_AnyFolder_HasSameBytes(t *testing.T) {
	var sums [2][32]byte
	for i := range sums {
		raw, err := os.ReadFile(mustBundle(t, constructs.GoBundle{Package: ".", Dir: module(t, smallMain)}, constructs.X8664))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(raw)
	}
	if sums[0] != sums[1] {
		t.Errorf("two builds of the same source differ: %x and %x", sums[0], sums[1])
	}
}

func TestGoBundle_Architecture_IsBuiltFor(t *testing.T) {
	dir := module(t, smallMain)
	for architecture, machine := range map[constructs.Architecture]elf.Machine{
		constructs.ARM64: elf.EM_AARCH64, constructs.X8664: elf.EM_X86_64,
	} {
		file := mustBundle(t, constructs.GoBundle{Package: ".", Dir: dir, OutputDir: "out"}, architecture)
		if !strings.HasPrefix(file, filepath.Join(dir, "out")) {
			t.Errorf("%s is outside the output folder", file)
		}
		binary, err := elf.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer binary.Close()
		if binary.Machine != machine {
			t.Errorf("%s: built for %s, want %s", architecture, binary.Machine, machine)
		}
		if libraries, _ := binary.ImportedLibraries(); len(libraries) > 0 {
			t.Errorf("%s: needs the libraries %v, which Lambda may not have", architecture, libraries)
		}
		if leftovers, _ := filepath.Glob(filepath.Join(dir, "out", "tmp-*")); len(leftovers) > 0 {
			t.Errorf("%s: the build left %v", architecture, leftovers)
		}
	}
}

func TestGoBundle_Tags_AreUsed(t *testing.T) {
	dir := module(t, "package main\n\nfunc main() { println(tagged) }\n")
	for name, source := range map[string]string{
		"with.go":    "//go:build one && two && lambda.norpc\n\npackage main\n\nconst tagged = \"with both\"\n",
		"without.go": "//go:build !one || !two\n\npackage main\n\nconst tagged = \"with neither\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	built := map[string]string{}
	for want, tags := range map[string][]string{"with neither": nil, "with both": {"one", "two"}} {
		built[want] = mustBundle(t, constructs.GoBundle{Package: ".", Dir: dir, Tags: tags}, constructs.X8664)
	}
	for want, file := range built {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is not built %s", file, want)
		}
	}
}

func TestGoBundle_SecondUse_IsNotRebuilt(t *testing.T) {
	bundle := constructs.GoBundle{Package: ".", Dir: module(t, smallMain)}
	file := mustBundle(t, bundle, constructs.X8664)
	marked := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(file, marked, marked); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(mustBundle(t, bundle, constructs.X8664))
	if err != nil {
		t.Fatal(err)
	}
	if !info.ModTime().Equal(marked) {
		t.Errorf("the bundle was written again at %s", info.ModTime())
	}
}

func TestGoBundle_CompileError_IsReported(t *testing.T) {
	bundle := constructs.GoBundle{Package: ".", Dir: module(t, "package main\n\nfunc main() { undefinedOnPurpose() }\n")}
	for range 2 { // a failure is not remembered
		_, err := bundle.Folder(constructs.ARM64)
		if err == nil {
			t.Fatal("a package that does not compile was built")
		}
		for _, word := range []string{"build . in " + bundle.Dir, "arm64", "main.go:3:15", "undefined: undefinedOnPurpose"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error says %q, want %q in it", err, word)
			}
		}
	}
}

// The go command would write an archive in place of an executable.
func TestGoBundle_LibraryPackage_IsRefused(t *testing.T) {
	_, err := constructs.GoBundle{Package: ".", Dir: module(t, "package library\n")}.Folder(constructs.ARM64)
	if err == nil || !strings.Contains(err.Error(), "main package") {
		t.Errorf("a library: the error is %v", err)
	}
	_, err = constructs.GoBundle{Dir: module(t, smallMain)}.Folder(constructs.ARM64)
	if err == nil || !strings.Contains(err.Error(), "Package is missing") {
		t.Errorf("no package: the error is %v", err)
	}
}

func TestGoBundle_UnknownArchitecture_IsRefused(t *testing.T) {
	_, err := constructs.GoBundle{Package: ".", Dir: module(t, smallMain)}.Folder("riscv64")
	if err == nil || !strings.Contains(err.Error(), `no Go architecture for "riscv64"`) {
		t.Errorf("the error is %v", err)
	}
}

func TestBootstrapFolder_WithoutExecutable_IsRefused(t *testing.T) {
	empty := t.TempDir()
	if _, err := constructs.BootstrapFolder(empty).Folder(constructs.ARM64); err == nil || !strings.Contains(err.Error(), empty) {
		t.Errorf("an empty folder: the error is %v", err)
	}
	if err := os.WriteFile(filepath.Join(empty, "bootstrap"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := constructs.BootstrapFolder(empty).Folder(constructs.ARM64); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a file that is not executable: the error is %v", err)
	}
}

// Two teams' modules in one repository, each with a package ./cmd, are built into
// one shared folder.
func TestGoBundle_SharedOutputDir_HasFolderPerBundle(t *testing.T) {
	shared, root := t.TempDir(), t.TempDir()
	packages := map[string]constructs.GoBundle{}
	for _, b := range []struct{ dir, pkg string }{
		{"orders", "./cmd"}, {"users", "./cmd"}, {"orders", "./cmd/a-b"}, {"orders", "./cmd/a/b"}, {"orders", "./cmd/a_b"},
	} {
		says := b.dir + " " + b.pkg
		dir := filepath.Join(root, b.dir, b.pkg)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			filepath.Join(root, b.dir, "go.mod"): "module example.com/one\n\ngo 1.26\n",
			filepath.Join(dir, "main.go"):        "package main\n\nfunc main() { println(\"this is " + says + "!\") }\n",
		} {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		packages[says] = constructs.GoBundle{Dir: filepath.Join(root, b.dir), Package: b.pkg, OutputDir: shared}
	}
	files := map[string]string{}
	for says, bundle := range packages {
		files[says] = mustBundle(t, bundle, constructs.X8664)
	}
	for says, file := range files {
		if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), "this is "+says+"!") {
			t.Errorf("the code of %q is another's: %s, %v", says, file, err)
		}
	}
}

func TestGoBundle_AnyCheckout_HasSameFolderName(t *testing.T) {
	var names []string
	for range 2 {
		names = append(names, filepath.Base(filepath.Dir(mustBundle(t, constructs.GoBundle{Package: ".", Dir: module(t, smallMain)}, constructs.X8664))))
	}
	if names[0] != names[1] {
		t.Errorf("two checkouts build into %q", names)
	}
}
