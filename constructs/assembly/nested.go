package assembly

import (
	"cmp"
	slashpath "path"
	"path/filepath"
	"strings"
)

const (
	nestedStackType = "AWS::CloudFormation::Stack"
	// The path of a nested stack's resource, which CDK puts beside the stack
	// itself.
	nestedScope, nestedResource = ".NestedStack/", ".NestedStackResource"
	// logicalIDNote is the type of the metadata in which CDK writes a resource's
	// logical id.
	logicalIDNote = "aws:cdk:logicalId"
)

// templateAssets maps an asset's object key in S3 to its file. A nested stack's
// TemplateURL contains the object key.
type templateAssets map[string]string

func readAssets(dir string, m manifest) (templateAssets, error) {
	files := templateAssets{}
	for _, artifact := range m.Artifacts {
		if artifact.Type != "cdk:asset-manifest" {
			continue
		}
		var assets struct {
			Files map[string]struct {
				Source       struct{ Path, Packaging string }
				Destinations map[string]struct{ ObjectKey string }
			}
		}
		if err := readJSON(filepath.Join(dir, artifact.Properties.File), &assets); err != nil {
			return nil, err
		}
		for _, file := range assets.Files {
			for _, destination := range file.Destinations {
				if file.Source.Packaging == "file" && strings.HasSuffix(file.Source.Path, ".json") {
					files[destination.ObjectKey] = filepath.Join(dir, file.Source.Path)
				}
			}
		}
	}
	return files, nil
}

// file returns the template of a nested stack, or "" if it is not an asset.
func (a templateAssets) file(s *Stack, nested Resource) string {
	url := Text(s.Parts(nested.Properties["TemplateURL"]))
	for key, file := range a {
		if strings.HasSuffix(url, "/"+key) {
			return file
		}
	}
	return ""
}

// nestedPath returns the path of the construct of a nested stack.
func nestedPath(s *Stack, id string, r Resource) string {
	if path, ok := nestedStackPath(r.Path); ok {
		return path
	}
	return cmp.Or(r.Path, s.Path+"/"+id)
}

// nestedStackPath returns the path of the nested stack whose resource has the given
// path. The resource's path ends in "Inner.NestedStack/Inner.NestedStackResource".
func nestedStackPath(path string) (string, bool) {
	scope, resource := slashpath.Split(path)
	stack, ok := strings.CutSuffix(scope, nestedScope)
	return stack, ok && resource == slashpath.Base(stack)+nestedResource
}

// pathsByStack returns the paths of constructs by the path of their stack and by
// logical id. Two nested stacks may use the same logical id.
func pathsByStack(top string, notes []Note) map[string]map[string]string {
	nested := map[string]bool{}
	for _, n := range notes {
		if path, ok := nestedStackPath(n.Path); ok {
			nested[path] = true
		}
	}
	paths := map[string]map[string]string{}
	for _, n := range notes {
		id, ok := n.Data.(string)
		if n.Type != logicalIDNote || !ok {
			continue
		}
		home := n.Path
		for home != "" && !nested[home] {
			home = home[:max(0, strings.LastIndex(home, "/"))]
		}
		home = cmp.Or(home, top)
		if paths[home] == nil {
			paths[home] = map[string]string{}
		}
		paths[home][id] = n.Path
	}
	return paths
}

// Nested returns the stack that a resource of the type AWS::CloudFormation::Stack
// makes, or nil if the assembly does not have its template.
func (s *Stack) Nested(id string) *Stack { return s.children[id] }
