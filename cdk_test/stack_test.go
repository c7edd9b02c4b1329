package cdk_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

func TestStacks_HaveNoCrossRegionReferences(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.ofType("Custom::CrossRegionExportReader") {
			t.Errorf("%s reads an export of another region: %v", id, r.Properties)
		}
		for id, r := range s.ofType("Custom::CrossRegionExportWriter") {
			t.Errorf("%s writes an export to another region: %v", id, r.Properties)
		}
	})
}

// stacks/doc.go lists the stacks of a stage.
func TestStacks_PackageComment_ListsEach(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(moduleDir, "stacks", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.FieldsFunc(string(doc), func(r rune) bool { return strings.ContainsRune(" \t\n,", r) })
	eachProfile(t, func(t *testing.T, s stage) {
		for name := range s.templates {
			if short := strings.TrimPrefix(name, s.config.PhysicalName("")); !slices.Contains(listed, short) {
				t.Errorf("stacks/doc.go does not list %s", short)
			}
		}
	})
}

// The edge's alerts have a key of their own, because a key is of one region. The governance stack has the
// trail and the copies of the tables, which are not to end with the stack of what they are about. The delivery
// stack has the e-mails of tests.
func TestStatefulResources_AreInCoreStack(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, kind := range policy.StatefulTypes() {
			for id := range s.ofType(kind) {
				if kind == "AWS::KMS::Key" && strings.HasPrefix(id, s.config.PhysicalName("edge")+"/Alerts") {
					continue
				}
				if kind == "AWS::S3::Bucket" && strings.HasPrefix(id, s.config.PhysicalName("delivery")+"/TestMailbox") {
					continue
				}
				if !strings.HasPrefix(id, s.config.PhysicalName("core")+"/") && !strings.HasPrefix(id, s.config.PhysicalName("governance")+"/") {
					t.Errorf("%s %s is not in the core stack", kind, id)
				}
			}
		}
	})
}

// What a failed first deployment leaves behind blocks the next try by its name.
func TestRetainedResources_FailedCreation_AreDeletedUnlessProtected(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			for id, r := range template.Resources {
				if r.DeletionPolicy == "Retain" && r.Properties["DeletionProtectionEnabled"] != true && r.Properties["DeletionProtection"] != "ACTIVE" {
					t.Errorf("%s/%s (%s) stays when its creation fails", name, id, r.Type)
				}
			}
		}
	})
}

// A first deployment that fails deletes what is empty, except what has deletion
// protection. docs/runbooks/first-deployment.md says what to do about the latter.
func TestStatefulResources_AreRetained(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, kind := range policy.StatefulTypes() {
			want := "RetainExceptOnCreate"
			if kind == "AWS::DynamoDB::Table" || kind == "AWS::Cognito::UserPool" {
				want = "Retain"
			}
			if s.config.Data.Disposable {
				want = "Delete"
			}
			for id, r := range s.ofType(kind) {
				if r.DeletionPolicy != want {
					t.Errorf("%s %s has the deletion policy %q, not %q", kind, id, r.DeletionPolicy, want)
				}
			}
		}
	})
}
