package changes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// StackChange is what a deployment would change in one stack.
type StackChange struct {
	// Stage and Stack name the stack.
	Stage, Stack string
	// Removals are the resources that would be removed or replaced.
	Removals []ResourceChange
	// Diff is the output of cdk diff. It is empty for a stack that only one commit has.
	Diff string
	// Note says that the stack is new, or removed.
	Note string
}

// Differ returns what cdk diff prints about a stack of the assembly in a folder, compared
// with an older template.
type Differ func(assembly, stack, oldTemplate string) (string, error)

// compareStacks returns the stacks of a stage whose templates differ, by name.
func compareStacks(stage string, base, head Snapshot, diff Differ) ([]StackChange, error) {
	old, err := base.templates(stage)
	if err != nil {
		return nil, err
	}
	current, err := head.templates(stage)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(old)
	maps.Copy(names, current)
	var changes []StackChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		change := StackChange{Stage: stage, Stack: name}
		switch {
		case old[name] == nil:
			change.Note = "new stack"
		case current[name] == nil:
			change.Note = "removed stack"
			if change.Removals, err = allResources(name, old[name]); err != nil {
				return nil, err
			}
		case bytes.Equal(old[name], current[name]):
			continue
		default:
			if change.Diff, err = diff(filepath.Join(head.dir, stage), name, base.templateFile(stage, name)); err != nil {
				return nil, fmt.Errorf("cdk diff of %s: %w", name, err)
			}
			change.Removals = Removals(name, change.Diff)
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// allResources returns the removal of each resource of a stack that is removed.
func allResources(stack string, template []byte) ([]ResourceChange, error) {
	var decoded struct {
		Resources map[string]struct {
			Type           string
			DeletionPolicy string
		}
	}
	if err := json.Unmarshal(template, &decoded); err != nil {
		return nil, fmt.Errorf("template of %s: %w", stack, err)
	}
	var changes []ResourceChange
	for _, id := range slices.Sorted(maps.Keys(decoded.Resources)) {
		r := decoded.Resources[id]
		impact := "destroy"
		if r.DeletionPolicy == "Retain" || r.DeletionPolicy == "RetainExceptOnCreate" {
			impact = "orphan"
		}
		changes = append(changes, ResourceChange{Stack: stack, Type: r.Type, Path: id, Impact: impact})
	}
	return changes, nil
}
