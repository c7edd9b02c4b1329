package repotest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// flagExceptions are the feature flags with another value than CDK recommends.
// docs/decisions/0009-feature-flags.md explains each.
var flagExceptions = map[string]any{
	"@aws-cdk/core:enableAdditionalMetadataCollection": false,
}

func TestCDKJSON_SetsRecommendedFlags(t *testing.T) {
	var file struct {
		App              string
		VersionReporting *bool
		AssetMetadata    *bool
		Context          map[string]any
	}
	decode(t, MustRead(t, "cdk.json"), &file)
	expectProblems(t, flagProblems(file.Context, recommendedFlags(t), flagExceptions))
	if file.App != "go run ." {
		t.Errorf(`app is %q, want "go run ."`, file.App)
	}
	if file.Context["cli-telemetry"] != false {
		t.Error("cli-telemetry must be false: the command line reports nothing about this project")
	}
	for name, value := range map[string]*bool{"versionReporting": file.VersionReporting, "assetMetadata": file.AssetMetadata} {
		if value == nil || *value {
			t.Errorf("%s must be false: what it adds to a template changes without any change of ours", name)
		}
	}
}

func TestFlagExceptions_AreExplained(t *testing.T) {
	page := string(MustRead(t, "docs/decisions/0009-feature-flags.md"))
	for flag := range flagExceptions {
		if !strings.Contains(page, flag) {
			t.Errorf("docs/decisions/0009-feature-flags.md does not say why %s is an exception", flag)
		}
	}
}

func TestFlagProblems(t *testing.T) {
	recommended := map[string]any{"@aws-cdk/a:one": true, "@aws-cdk/a:list": []any{"aws"}}
	for _, tc := range []struct {
		name                string
		context, exceptions map[string]any
		want                []string
	}{
		{"all as recommended", map[string]any{"@aws-cdk/a:one": true, "@aws-cdk/a:list": []any{"aws"}, "cli-telemetry": false}, nil, nil},
		{"one missing", map[string]any{"@aws-cdk/a:one": true}, nil, []string{"@aws-cdk/a:list is not set: set [aws]"}},
		{"one different", map[string]any{"@aws-cdk/a:one": false, "@aws-cdk/a:list": []any{"aws"}}, nil, []string{"@aws-cdk/a:one is false: set true"}},
		{"an exception", map[string]any{"@aws-cdk/a:one": false, "@aws-cdk/a:list": []any{"aws"}}, map[string]any{"@aws-cdk/a:one": false}, nil},
		{"an exception that is none", map[string]any{"@aws-cdk/a:one": true, "@aws-cdk/a:list": []any{"aws"}}, map[string]any{"@aws-cdk/a:one": true}, []string{"@aws-cdk/a:one is no exception: remove it from the list"}},
		{"an exception of a flag that is gone", map[string]any{"@aws-cdk/a:one": true, "@aws-cdk/a:list": []any{"aws"}}, map[string]any{"@aws-cdk/a:old": true}, []string{"@aws-cdk/a:old is no exception: remove it from the list"}},
		{"a flag that is gone", map[string]any{"@aws-cdk/a:one": true, "@aws-cdk/a:list": []any{"aws"}, "@aws-cdk/a:old": true}, nil, []string{"@aws-cdk/a:old is no flag of this CDK: remove it"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			expectProblems(t, flagProblems(tc.context, recommended, tc.exceptions), tc.want...)
		})
	}
}

// flagProblems compares the flags of a cdk.json with the recommended ones.
func flagProblems(context, recommended, exceptions map[string]any) (problems []string) {
	want := maps.Clone(recommended)
	for flag, value := range exceptions {
		if rec, known := recommended[flag]; !known || reflect.DeepEqual(rec, value) {
			problems = append(problems, flag+" is no exception: remove it from the list")
			continue
		}
		want[flag] = value
	}
	for flag, value := range want {
		if got, set := context[flag]; !set {
			problems = append(problems, fmt.Sprintf("%s is not set: set %v", flag, value))
		} else if !reflect.DeepEqual(got, value) {
			problems = append(problems, fmt.Sprintf("%s is %v: set %v", flag, got, value))
		}
	}
	for flag := range context {
		if _, known := recommended[flag]; !known && strings.HasPrefix(flag, "@") {
			problems = append(problems, flag+" is no flag of this CDK: remove it")
		}
	}
	return problems
}

// recommendedFlags returns the flags in aws-cdk-lib's list, read from the archive that jsii
// loads.
func recommendedFlags(t *testing.T) map[string]any {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
	if err != nil {
		t.Fatalf("go list -m awscdk/v2: %v", err)
	}
	archives, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "jsii", "*.tgz"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("want one jsii archive in %s, found %v (%v)", dir, archives, err)
	}
	var flags map[string]any
	decode(t, MustExtract(t, archives[0], "package/recommended-feature-flags.json"), &flags)
	if len(flags) < 80 {
		t.Fatalf("only %d recommended flags: %v", len(flags), slices.Sorted(maps.Keys(flags)))
	}
	return flags
}

// MustExtract returns one file of a .tgz or ends the test.
func MustExtract(t *testing.T, archive, name string) []byte {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			t.Fatalf("no %s in %s: %v", name, archive, err)
		}
		if header.Name != name {
			continue
		}
		b, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func decode(t *testing.T, b []byte, into any) {
	t.Helper()
	if err := json.NewDecoder(bytes.NewReader(b)).Decode(into); err != nil {
		t.Fatal(err)
	}
}
