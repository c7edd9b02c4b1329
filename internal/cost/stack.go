package cost

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Stack is a synthesized stack.
type Stack struct {
	// Name is the stack's name, such as expenzez-prod-core.
	Name string `json:"-"`
	// Resources are its resources by logical id.
	Resources map[string]Resource
}

// Resource is a resource of a template.
type Resource struct {
	Type       string
	Properties map[string]any
}

// ReadStacks reads the templates of a cloud assembly, such as cdk.out.
func ReadStacks(dir string) ([]Stack, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.template.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no templates: synthesize the stage first, with make synth STAGE=…", dir)
	}
	var stacks []Stack
	for _, file := range files {
		stack := Stack{Name: strings.TrimSuffix(filepath.Base(file), ".template.json")}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &stack); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		stacks = append(stacks, stack)
	}
	return stacks, nil
}

// count returns how many resources of a type the stacks have.
func count(stacks []Stack, kind string) (n int) {
	for _, stack := range stacks {
		for _, resource := range stack.Resources {
			if resource.Type == kind {
				n++
			}
		}
	}
	return n
}

// list returns a list property. An intrinsic function in its place counts as a list of one.
func (r Resource) list(property string) []any {
	switch value := r.Properties[property].(type) {
	case []any:
		return value
	case nil:
		return nil
	default:
		return []any{value}
	}
}

// text returns a property as text, or nothing if it is none.
func (r Resource) text(property string) string {
	value, _ := r.Properties[property].(string)
	return value
}
