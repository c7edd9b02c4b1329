package sbom_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/delivery/sbom"
)

// assembly builds a function of the app as a deployment does, into a new folder.
func assembly(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := constructs.GoBundle{Package: "./lambdas/health/bootstrap", Dir: root, OutputDir: t.TempDir()}.Folder(constructs.ARM64)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "asset.1"), os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func of(t *testing.T, dir string) []byte {
	t.Helper()
	text, err := sbom.Of(dir)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

type component struct {
	Name, Version string
	Hashes        []struct{ Content string }
}

func TestOf_Function_ListsHashAndModules(t *testing.T) {
	dir := assembly(t)
	text := of(t, dir)
	var got struct {
		BOMFormat    string
		Components   []component
		Dependencies []struct{ DependsOn []string }
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile(filepath.Join(dir, "asset.1", "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(built)
	function := got.Components[0]
	if got.BOMFormat != "CycloneDX" || function.Name != "github.com/expenzez/infrastructure/lambdas/health/bootstrap" ||
		len(function.Hashes) != 1 || function.Hashes[0].Content != hex.EncodeToString(sum[:]) {
		t.Errorf("the function is %+v", function)
	}
	requirements, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	library := slices.IndexFunc(got.Components, func(c component) bool { return c.Name == "github.com/aws/aws-lambda-go" })
	if library < 0 || !strings.Contains(string(requirements), "github.com/aws/aws-lambda-go "+got.Components[library].Version+"\n") {
		t.Errorf("the runtime's module is missing, or its version is not that of go.mod:\n%s", text)
	}
	for _, purl := range []string{"pkg:golang/github.com/aws/aws-lambda-go@" + got.Components[library].Version, "pkg:golang/std@" + strings.TrimPrefix(runtime.Version(), "go")} {
		if !slices.Contains(got.Dependencies[0].DependsOn, purl) {
			t.Errorf("the function does not depend on %s: %v", purl, got.Dependencies[0].DependsOn)
		}
	}
}

func TestOf_SecondBuild_HasSameBytes(t *testing.T) {
	if first, second := of(t, assembly(t)), of(t, assembly(t)); !bytes.Equal(first, second) {
		t.Errorf("two builds of one commit differ:\n%s\n%s", first, second)
	}
}

func TestOf_NoFunctions_Fails(t *testing.T) {
	if text, err := sbom.Of(t.TempDir()); err == nil {
		t.Errorf("an empty assembly is %s", text)
	}
}
