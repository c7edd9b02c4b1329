package remote_test

import (
	"flag"
	"os"
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

// TestStage_Load signs a user up, whose transactions end with the account, unless the
// environment has the access token of another.
func TestStage_Load(t *testing.T) {
	s := target(t)
	token := os.Getenv("TOKEN")
	if token == "" {
		token = s.NewUser(t).Token
	}
	report, err := remote.RunLoad(t.Context(), "../..", s.URL, token)
	t.Log(report)
	if err != nil {
		t.Error(err)
	}
}
