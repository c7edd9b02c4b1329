package cdk_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

var update = flag.Bool("update", false, "write testdata anew from what the stages hold now")

// A stack may have 500 resources; a stack that comes near must be split before
// it blocks a release.
const mostResources = 400

func TestEveryStackIsWellBelowCloudFormationsLimit(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			if n := len(template.Resources); n > mostResources {
				t.Errorf("stack %s has %d resources, over %d: move a domain to a stack of its own", name, n, mostResources)
			}
		}
	})
}

func TestNoPolicyHasAWildcardThatIsNotExplained(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			for _, wildcard := range constructs.UnexplainedWildcards(template.raw) {
				t.Errorf("stack %s: %s", name, wildcard)
			}
		}
	})
}

func TestNoStackRefersToAnotherRegion(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.ofType("Custom::CrossRegionExportReader") {
			t.Errorf("%s reads an export of another region: %v", id, r.Properties)
		}
		for id, r := range s.ofType("Custom::CrossRegionExportWriter") {
			t.Errorf("%s writes an export to another region: %v", id, r.Properties)
		}
	})
}

// stateful are the types that CloudFormation would replace, and so lose, when
// their logical id or their physical name changed.
var stateful = map[string]string{
	"AWS::DynamoDB::Table":        "TableName",
	"AWS::KMS::Key":               "Description",
	"AWS::SecretsManager::Secret": "Name",
	"AWS::Cognito::UserPool":      "UserPoolName",
}

const statefulFile = "testdata/stateful.json"

func TestStatefulResourcesKeepTheirIdsAndNames(t *testing.T) {
	got := map[string]string{}
	eachStage(t, func(t *testing.T, s stage) {
		for kind, nameProperty := range stateful {
			for id, r := range s.ofType(kind) {
				name, _ := r.Properties[nameProperty].(string)
				got[id] = kind + " " + name
			}
		}
	})
	if *update {
		encoded, _ := json.MarshalIndent(got, "", "  ")
		if err := os.WriteFile(statefulFile, append(encoded, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var want map[string]string
	committed, err := os.ReadFile(statefulFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(committed, &want); err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			t.Errorf("%s was %q and is %q: its data would be lost. If that is meant, go test ./cdk_test -update", id, want[id], got[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[id]; !known {
			t.Errorf("%s is new: add it with go test ./cdk_test -update", id)
		}
	}
}

func TestStatefulResourcesSitInCore(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for kind := range stateful {
			for id := range s.ofType(kind) {
				if !strings.HasPrefix(id, s.config.PhysicalName("core")+"/") {
					t.Errorf("%s %s is not in the core stack", kind, id)
				}
			}
		}
	})
}

func TestWhatMustNotBeLostIsRetained(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		want := "Retain"
		if s.config.Data.Disposable {
			want = "Delete"
		}
		for kind := range stateful {
			for id, r := range s.ofType(kind) {
				if r.DeletionPolicy != want {
					t.Errorf("%s %s has the deletion policy %q, not %q", kind, id, r.DeletionPolicy, want)
				}
			}
		}
	})
}
