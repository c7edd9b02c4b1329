// Package sbom lists what is in the functions of a stage, as a CycloneDX document: each
// executable with its hash, and the modules that the Go linker recorded in it. The same
// executables give the same bytes.
//
//	make synth STAGE=prod
//	make sbom OUT=sbom.json
package sbom

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

// document is a CycloneDX 1.6 document. https://cyclonedx.org/docs/1.6/json/
type document struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Version      int          `json:"version"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

// Of returns the document of the functions in a cloud assembly, such as cdk.out.
func Of(assembly string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(assembly, "asset.*", "bootstrap"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no functions: write it with make synth STAGE=prod", assembly)
	}
	d := document{Format: "CycloneDX", Spec: "1.6", Version: 1}
	libraries := map[string]component{}
	for _, file := range files {
		executable, modules, err := read(file)
		if err != nil {
			return nil, err
		}
		d.Components = append(d.Components, executable)
		maps.Copy(libraries, modules)
		d.Dependencies = append(d.Dependencies, dependency{executable.Ref, slices.Sorted(maps.Keys(modules))})
	}
	for _, ref := range slices.Sorted(maps.Keys(libraries)) {
		d.Components = append(d.Components, libraries[ref])
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

// read returns the executable and its modules by reference, with Go's standard library.
func read(file string) (executable component, modules map[string]component, err error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return executable, nil, fmt.Errorf("read the modules of %s: %w", file, err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return executable, nil, err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	executable = component{Type: "application", Ref: digest, Name: info.Path, Hashes: []hash{{"SHA-256", digest}}}
	modules = map[string]component{}
	std := &debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}
	for _, module := range append(info.Deps, std) {
		if module.Replace != nil {
			module = module.Replace
		}
		purl := fmt.Sprintf("pkg:golang/%s@%s", module.Path, module.Version)
		modules[purl] = component{Type: "library", Ref: purl, Name: module.Path, Version: module.Version, PURL: purl}
	}
	return executable, modules, nil
}
