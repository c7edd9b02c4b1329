package policy

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

// assembly is what a synth wrote: the stacks of a cloud assembly and of those
// nested in it (each CDK Stage has one).
type assembly struct {
	stacks []*stack
}

// stack is one template and what CDK noted about the constructs behind it. A
// nested stack is a stack of its own.
type stack struct {
	path        string // of the construct
	name        string // of the stack in CloudFormation, empty for a nested stack
	file        string // of the template
	environment string // account and region
	template    map[string]any
	resources   map[string]resource
	notes       []note // of all constructs in the stack, none for a nested stack
}

type resource struct {
	Type                string
	Properties          map[string]any
	Metadata            map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
	path                string
}

// note is one entry of a construct's metadata.
type note struct {
	path string
	Type string
	Data any
}

// The kinds of notes that are read; acceptanceNote is ours.
const (
	acceptanceNote = "policy:acceptance"
	logicalIDNote  = "aws:cdk:logicalId"
	warningNote    = "aws:cdk:warning"
	// What Validations_Of(…).Acknowledge writes.
	acknowledgedNote = "aws:cdk:acknowledged-rules"
)

// manifest is what is read of manifest.json.
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
type manifest struct {
	Artifacts map[string]struct {
		Type        string
		Environment string
		DisplayName string
		Properties  struct {
			TemplateFile  string
			StackName     string
			DirectoryName string
		}
		Metadata               map[string][]note
		AdditionalMetadataFile string
	}
}

func readAssembly(dir string) (*assembly, error) {
	var m manifest
	if err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return nil, err
	}
	read := &assembly{}
	for _, id := range slices.Sorted(maps.Keys(m.Artifacts)) {
		switch artifact := m.Artifacts[id]; artifact.Type {
		case "cdk:cloud-assembly":
			inner, err := readAssembly(filepath.Join(dir, artifact.Properties.DirectoryName))
			if err != nil {
				return nil, err
			}
			read.stacks = append(read.stacks, inner.stacks...)
		case "aws:cloudformation:stack":
			metadata := artifact.Metadata
			if artifact.AdditionalMetadataFile != "" {
				if err := readJSON(filepath.Join(dir, artifact.AdditionalMetadataFile), &metadata); err != nil {
					return nil, err
				}
			}
			stacks, err := readStack(dir, artifact.Properties.TemplateFile, metadata)
			if err != nil {
				return nil, err
			}
			for _, s := range stacks {
				s.path, s.environment = artifact.DisplayName, artifact.Environment
			}
			stacks[0].name = cmp.Or(artifact.Properties.StackName, id)
			read.stacks = append(read.stacks, stacks...)
		}
	}
	return read, nil
}

// readStack reads a stack and the stacks nested in it.
func readStack(dir, file string, metadata map[string][]note) ([]*stack, error) {
	var notes []note
	for _, path := range slices.Sorted(maps.Keys(metadata)) {
		for _, n := range metadata[path] {
			n.path = strings.TrimPrefix(path, "/")
			notes = append(notes, n)
		}
	}
	outer, err := readTemplate(filepath.Join(dir, file), notes)
	if err != nil {
		return nil, err
	}
	outer.notes = notes
	stacks := []*stack{outer}

	files, err := filepath.Glob(filepath.Join(dir, "*"+nestedSuffix))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		inside := notesInside(file, notes)
		if len(inside) == 0 {
			continue // of another stack
		}
		nested, err := readTemplate(file, inside)
		if err != nil {
			return nil, err
		}
		stacks = append(stacks, nested)
	}
	return stacks, nil
}

const nestedSuffix = ".nested.template.json"

// notesInside returns the notes of the constructs in a nested stack. CDK names
// its template by the letters and digits of the construct's path, and a hash of
// eight.
func notesInside(file string, notes []note) []note {
	name := strings.TrimSuffix(filepath.Base(file), nestedSuffix)
	prefix := name[:max(0, len(name)-8)]
	return slices.DeleteFunc(slices.Clone(notes), func(n note) bool {
		return !strings.HasPrefix(lettersAndDigits(n.path), prefix)
	})
}

func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

func readTemplate(file string, notes []note) (*stack, error) {
	s := &stack{file: file}
	var parsed struct{ Resources map[string]resource }
	if err := errors.Join(readJSON(file, &s.template), readJSON(file, &parsed)); err != nil {
		return nil, err
	}
	paths := map[any]string{}
	for _, n := range notes {
		if n.Type == logicalIDNote {
			paths[n.Data] = n.path
		}
	}
	s.resources = parsed.Resources
	for id, r := range s.resources {
		r.path = paths[id]
		s.resources[id] = r
	}
	return s, nil
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

// ofType yields the resources of a type in the order of their logical ids.
func (s *stack) ofType(kinds ...string) func(yield func(string, resource) bool) {
	return func(yield func(string, resource) bool) {
		for _, id := range slices.Sorted(maps.Keys(s.resources)) {
			if r := s.resources[id]; slices.Contains(kinds, r.Type) && !yield(id, r) {
				return
			}
		}
	}
}
