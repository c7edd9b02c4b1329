package remote_test

import (
	"flag"
	"testing"

	"github.com/expenzez/infrastructure/test/remote"
)

var (
	url   = flag.String("url", "", "the base URL of the stage under test")
	state = flag.String("state", "", "the folder of a local stage")
)

// target returns the stage under test. Without a URL there is none: test/e2e runs these
// tests through make, against the stage that it has deployed.
func target(t *testing.T) *remote.Target {
	t.Helper()
	if *url == "" {
		t.Skip("make smoke, make e2e and make load name the stage")
	}
	s, err := remote.Open(t.Context(), "../..", *url, *state)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStage_Smoke(t *testing.T) { remote.Smoke(t, target(t)) }

func TestStage_EndToEnd(t *testing.T) { remote.EndToEnd(t, target(t)) }
