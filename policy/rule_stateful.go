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
	Title: "Resources that hold data keep the committed logical ids, names, and properties whose change replaces them",
	Why:   "CloudFormation replaces a resource whose logical id, name, or such a property changes; its data is lost or stays in the old resource.",
	Fix:   "if the resource is new, synthesize with " + UpdateVariable + "=1 and commit the file; otherwise restore its old id, name and properties.",
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

// replacingProperties maps types to the properties beside the name whose change makes
// CloudFormation replace the resource. The keys of tables are in keysOf. Tokens and
// settings of users' devices contain the id of a user pool's client, so the client is
// guarded as well, although it holds no data.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html
var replacingProperties = map[string][]string{
	"AWS::Backup::BackupVault":     {"EncryptionKeyArn"},
	"AWS::Cognito::UserPoolClient": {"GenerateSecret", "UserPoolId"},
	"AWS::EFS::FileSystem":         {"AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"},
	"AWS::RDS::DBCluster":          {"DatabaseName", "DBSubnetGroupName", "KmsKeyId", "StorageEncrypted"},
	"AWS::RDS::DBInstance":         {"DBName", "DBSubnetGroupName", "KmsKeyId", "StorageEncrypted"},
	"AWS::S3::Bucket":              {"ObjectLockEnabled"},
}

// guardedTypes returns the types that the rule compares with the committed list.
func guardedTypes() []string { return append(StatefulTypes(), "AWS::Cognito::UserPoolClient") }

// StatefulTypes returns the CloudFormation types whose resources hold data.
func StatefulTypes() []string { return slices.Sorted(maps.Keys(nameProperties)) }

// stateful returns the type, the name and the replacing properties of each guarded
// resource, and its stack. The key of both maps is the stack's path and the logical id.
func (i *inspection) stateful() (map[string]string, map[string]*assembly.Stack) {
	got, in := map[string]string{}, map[string]*assembly.Stack{}
	for _, s := range i.Stacks {
		for id, r := range s.OfType(guardedTypes()...) {
			key := s.Path + "/" + id
			if other, taken := in[key]; taken {
				i.report(s, id, "has the key %s of a resource in %s, so a change of one resource would be compared with the other", key, other.File)
			}
			got[key], in[key] = identity(r), s
		}
	}
	return got, in
}

// identity returns the type and everything else whose change replaces the resource.
func identity(r assembly.Resource) string {
	words := []string{r.Type}
	if name := templateName(r); name != "" {
		words = append(words, name)
	}
	for _, property := range replacingProperties[r.Type] {
		if value := r.Properties[property]; value != nil {
			words = append(words, property+"="+text(value))
		}
	}
	return strings.Join(append(words, keysOf(r)...), " ")
}

// keysOf returns the key schema of a table and of its local indexes, such as
// "(id S HASH, at N RANGE)" and "byName(id S HASH, name S RANGE, KEYS_ONLY)".
func keysOf(r assembly.Resource) []string {
	types := map[any]any{}
	for _, attribute := range list(r.Properties["AttributeDefinitions"]) {
		types[at(attribute, "AttributeName")] = at(attribute, "AttributeType")
	}
	schema := func(of any) []string {
		var keys []string
		for _, key := range list(of) {
			name := at(key, "AttributeName")
			keys = append(keys, fmt.Sprintf("%v %v %v", name, types[name], at(key, "KeyType")))
		}
		return keys
	}
	var found []string
	if keys := schema(r.Properties["KeySchema"]); keys != nil {
		found = append(found, "("+strings.Join(keys, ", ")+")")
	}
	for _, index := range list(r.Properties["LocalSecondaryIndexes"]) {
		keys := append(schema(at(index, "KeySchema")), fmt.Sprint(at(index, "Projection", "ProjectionType")))
		for _, attribute := range list(at(index, "Projection", "NonKeyAttributes")) {
			keys = append(keys, fmt.Sprint(attribute))
		}
		found = append(found, fmt.Sprintf("%v(%s)", at(index, "IndexName"), strings.Join(keys, ", ")))
	}
	return found
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
