package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func TestLoadProfile_EachStageInEachProfile_IsValid(t *testing.T) {
	for _, stage := range config.Stages() {
		for _, profile := range []config.Profile{"", config.Lean, config.Full} {
			if _, err := config.LoadProfile(stage, profile); err != nil {
				t.Errorf("LoadProfile(%s, %q): %v", stage, profile, err)
			}
		}
	}
}

func TestLoadProfile_UnknownProfile_NamesKnownProfiles(t *testing.T) {
	_, err := config.LoadProfile("prod", "fat")
	if err == nil || !strings.Contains(err.Error(), "pass --context profile=lean|full") {
		t.Errorf("got %v", err)
	}
}
