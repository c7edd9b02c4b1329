package assembly

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Assembly is a cloud assembly with its nested assemblies. Each CDK Stage has an
// assembly.
type Assembly struct {
	// Stacks holds every stack. A nested stack follows its parent.
	Stacks []*Stack

	outputs map[outputKey][]output // filled when an output is first read
}

// Stack is one template and the metadata of its constructs. A nested stack is a
// Stack of its own.
type Stack struct {
	// Path is the path of the construct, for example "Prod/Core/Inner".
	Path string
	// Name is the stack's name in CloudFormation, empty for a nested stack.
	Name string
	// Environment is the account and region: "aws://111122223333/eu-west-2".
	Environment string
	// File is the path of the template.
	File string
	// Template is the template as decoded JSON.
	Template map[string]any
	// Resources holds the template's resources by logical id.
	Resources map[string]Resource
	// Notes holds the metadata of all constructs of a stack and of its nested
	// stacks. A nested stack's own Notes are empty.
	Notes []Note

	assembly *Assembly
	parent   *Stack // of a nested stack
	id       string // of a nested stack, in its parent
	children map[string]*Stack
}

// Resource is one resource of a template.
type Resource struct {
	Type                string
	Properties          map[string]any
	Metadata            map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
	// Path is the path of the construct, empty if CDK wrote none.
	Path string
}

// Note is one entry of a construct's metadata.
type Note struct {
	// Path is the path of the construct.
	Path string `json:"-"`
	// Type is the kind of the entry.
	Type string
	// Data is the value of the entry.
	Data any
}

// manifest is the part of manifest.json that this package reads.
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
type manifest struct {
	Artifacts map[string]artifact
}

type artifact struct {
	Type        string
	Environment string
	DisplayName string
	Properties  struct {
		TemplateFile  string
		StackName     string
		DirectoryName string
		File          string
	}
	Metadata               map[string][]Note
	AdditionalMetadataFile string
}

// Read reads the cloud assembly in a folder. It returns an error if a file that
// the manifest names cannot be read.
func Read(dir string) (*Assembly, error) {
	a := &Assembly{}
	if err := a.read(dir); err != nil {
		return nil, err
	}
	a.outputs = nil // may be filled from an assembly that was not read completely
	return a, nil
}

// Alone returns the stack of a template (as decoded from its JSON) without an
// assembly.
func Alone(template map[string]any) *Stack {
	s := &Stack{Template: template, Resources: map[string]Resource{}, assembly: &Assembly{}}
	s.assembly.Stacks = []*Stack{s}
	resources, _ := template["Resources"].(map[string]any)
	for id, resource := range resources {
		kind, _ := at(resource, "Type")
		properties, _ := at(resource, "Properties")
		r := Resource{}
		r.Type, _ = kind.(string)
		r.Properties, _ = properties.(map[string]any)
		s.Resources[id] = r
	}
	return s
}

func (a *Assembly) read(dir string) error {
	var m manifest
	if err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return err
	}
	assets, err := readAssets(dir, m)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(m.Artifacts)) {
		switch artifact := m.Artifacts[id]; artifact.Type {
		case "cdk:cloud-assembly":
			err = a.read(filepath.Join(dir, artifact.Properties.DirectoryName))
		case "aws:cloudformation:stack":
			err = a.readStack(dir, id, artifact, assets)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readStack reads a stack and the stacks nested in it.
func (a *Assembly) readStack(dir, id string, artifact artifact, assets templateAssets) error {
	notes, err := readNotes(dir, artifact)
	if err != nil {
		return err
	}
	stack := &Stack{
		Path:        cmp.Or(artifact.DisplayName, id),
		Name:        cmp.Or(artifact.Properties.StackName, id),
		Environment: artifact.Environment,
		File:        filepath.Join(dir, artifact.Properties.TemplateFile),
		Notes:       notes,
		assembly:    a,
	}
	return stack.readTemplates(pathsByStack(stack.Path, notes), assets)
}

func readNotes(dir string, artifact artifact) ([]Note, error) {
	metadata := artifact.Metadata
	if artifact.AdditionalMetadataFile != "" {
		if err := readJSON(filepath.Join(dir, artifact.AdditionalMetadataFile), &metadata); err != nil {
			return nil, err
		}
	}
	var notes []Note
	for _, path := range slices.Sorted(maps.Keys(metadata)) {
		for _, n := range metadata[path] {
			n.Path = strings.TrimPrefix(path, "/")
			notes = append(notes, n)
		}
	}
	return notes, nil
}

// readTemplates reads the stack's template, adds the stack to the assembly, and
// does the same for its nested stacks.
func (s *Stack) readTemplates(paths map[string]map[string]string, assets templateAssets) error {
	var parsed struct{ Resources map[string]Resource }
	if err := errors.Join(readJSON(s.File, &s.Template), readJSON(s.File, &parsed)); err != nil {
		return err
	}
	s.Resources, s.children = parsed.Resources, map[string]*Stack{}
	for id, r := range s.Resources {
		r.Path = paths[s.Path][id]
		s.Resources[id] = r
	}
	s.assembly.Stacks = append(s.assembly.Stacks, s)
	for id, r := range s.OfType(nestedStackType) {
		file := assets.file(s, r)
		if file == "" {
			continue // its template is not in the assembly
		}
		nested := &Stack{Path: nestedPath(s, id, r), Environment: s.Environment, File: file, assembly: s.assembly, parent: s, id: id}
		if err := nested.readTemplates(paths, assets); err != nil {
			return err
		}
		s.children[id] = nested
	}
	return nil
}

func readJSON(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// OfType yields the resources of the types in the order of their logical ids.
func (s *Stack) OfType(kinds ...string) func(yield func(string, Resource) bool) {
	return func(yield func(string, Resource) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
			if r := s.Resources[id]; slices.Contains(kinds, r.Type) && !yield(id, r) {
				return
			}
		}
	}
}
