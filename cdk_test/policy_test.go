package cdk_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew from what the stages hold now")

const acceptancesFile = "testdata/acceptances.json"

// TestAcceptances_MatchCommittedList shows each new acceptance in review. The list
// groups constructs by rule and reason, and has * in place of the stage's name. It names
// the stages with an acceptance unless all have it.
func TestAcceptances_MatchCommittedList(t *testing.T) {
	stagesOf := map[string]map[string][]string{} // by rule and reason, and construct
	built := 0
	eachProfile(t, func(_ *testing.T, s stage) {
		built++
		for _, a := range s.accepted {
			why := a.Rule + ": " + a.Reason
			if stagesOf[why] == nil {
				stagesOf[why] = map[string][]string{}
			}
			construct := strings.Replace(a.Construct, s.config.PhysicalName(""), "expenzez-*-", 1)
			stagesOf[why][construct] = append(stagesOf[why][construct], s.name)
		}
	})
	listed := map[string][]string{}
	for why, constructs := range stagesOf {
		for _, construct := range slices.Sorted(maps.Keys(constructs)) {
			if stages := constructs[construct]; len(stages) < built {
				construct += " in " + strings.Join(stages, ", ")
			}
			listed[why] = append(listed[why], construct)
		}
	}
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(listed); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(acceptancesFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(acceptancesFile)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("what is accepted differs from %s. If that is meant, go test ./cdk_test -update. Accepted is\n%s", acceptancesFile, &got)
	}
}
