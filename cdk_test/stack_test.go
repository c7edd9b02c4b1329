package cdk_test

import (
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

func TestStatefulResources_AreInCoreStack(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, kind := range policy.StatefulTypes() {
			for id := range s.ofType(kind) {
				if !strings.HasPrefix(id, s.config.PhysicalName("core")+"/") {
					t.Errorf("%s %s is not in the core stack", kind, id)
				}
			}
		}
	})
}

func TestStatefulResources_AreRetained(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		want := "Retain"
		if s.config.Data.Disposable {
			want = "Delete"
		}
		for _, kind := range policy.StatefulTypes() {
			for id, r := range s.ofType(kind) {
				if r.DeletionPolicy != want {
					t.Errorf("%s %s has the deletion policy %q, not %q", kind, id, r.DeletionPolicy, want)
				}
			}
		}
	})
}
