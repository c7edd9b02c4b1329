package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// UpdateVariable is the environment variable that makes a synth rewrite the
// StatefulFile. Any value except the empty one turns it on.
const UpdateVariable = "POLICY_UPDATE"

var statefulID = Rule{
	ID:    StatefulID,
	Title: "Resources that hold data keep the committed logical ids and names",
	Why:   "CloudFormation replaces a resource whose logical id or name changes; its data is lost or stays in the old resource.",
	Fix:   "if the resource is new, synthesize with " + UpdateVariable + "=1 and commit the file; otherwise restore its old id and name.",
	check: func(i *inspection) {
		if i.props.StatefulFile == "" {
			return
		}
		got, at := i.stateful()
		want, err := readCommittedList(i.props.StatefulFile, got)
		if err != nil {
			i.reportAt(&assembly.Stack{}, i.stacksPath(), "the committed list cannot be read or written: %v", err)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if _, still := got[key]; !still {
				i.reportAt(&assembly.Stack{}, key, "%s is gone, or has another logical id", want[key])
			}
		}
		for _, key := range slices.Sorted(maps.Keys(got)) {
			id := path.Base(key)
			switch was, known := want[key]; {
			case !known:
				i.report(at[key], id, "%s is not in %s", got[key], filepath.Base(i.props.StatefulFile))
			case was != got[key]:
				i.report(at[key], id, "was %q and is %q", was, got[key])
			}
		}
	},
}

// nameProperties maps the types that hold data to the property with their name. A KMS
// key and a file system have no name.
var nameProperties = map[string]string{
	"AWS::Backup::BackupVault":    "BackupVaultName",
	"AWS::Cognito::UserPool":      "UserPoolName",
	"AWS::DynamoDB::GlobalTable":  "TableName",
	"AWS::DynamoDB::Table":        "TableName",
	"AWS::EFS::FileSystem":        "",
	"AWS::KMS::Key":               "",
	"AWS::RDS::DBCluster":         "DBClusterIdentifier",
	"AWS::RDS::DBInstance":        "DBInstanceIdentifier",
	"AWS::S3::Bucket":             "BucketName",
	"AWS::SecretsManager::Secret": "Name",
}

// StatefulTypes returns the CloudFormation types whose resources hold data.
func StatefulTypes() []string { return slices.Sorted(maps.Keys(nameProperties)) }

// stateful returns the type and name of each resource that holds data, and its stack.
// The key of both maps is the stack's path and the logical id.
func (i *inspection) stateful() (map[string]string, map[string]*assembly.Stack) {
	got, in := map[string]string{}, map[string]*assembly.Stack{}
	for _, s := range i.Stacks {
		for id, r := range s.OfType(StatefulTypes()...) {
			key := s.Path + "/" + id
			if other, taken := in[key]; taken {
				i.report(s, id, "has the key %s of a resource in %s, so a change of one resource would be compared with the other", key, other.File)
			}
			got[key], in[key] = strings.TrimSpace(r.Type+" "+templateName(r)), s
		}
	}
	return got, in
}

// templateName returns a resource's name as in the template. A reference is JSON.
func templateName(r assembly.Resource) string {
	switch name := r.Properties[nameProperties[r.Type]].(type) {
	case nil:
		return ""
	case string:
		return name
	default:
		return text(name)
	}
}

func (i *inspection) stacksPath() string {
	if len(i.Stacks) > 0 {
		return i.Stacks[0].Path
	}
	return ""
}

// readCommittedList returns the committed list. If UpdateVariable is set, it writes the
// list first.
func readCommittedList(file string, got map[string]string) (map[string]string, error) {
	if os.Getenv(UpdateVariable) != "" {
		encoded, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, append(encoded, '\n'), 0o644); err != nil {
			return nil, err
		}
	}
	encoded, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // every resource is new
	}
	if err != nil {
		return nil, err
	}
	var want map[string]string
	if err := json.Unmarshal(encoded, &want); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return want, nil
}
