package config_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/config"
)

// MustLoad returns a stage's configuration or ends the test.
func MustLoad(t *testing.T, stage string) config.Config {
	t.Helper()
	c, err := config.Load(stage)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoad_EachStage_IsValid(t *testing.T) {
	if got, want := config.Stages(), []string{"dev", "staging", "prod", "local"}; !slices.Equal(got, want) {
		t.Fatalf("Stages() = %v, want %v", got, want)
	}
	for _, stage := range config.Stages() {
		if c := MustLoad(t, stage); c.Stage != stage {
			t.Errorf("Load(%q) returned stage %q", stage, c.Stage)
		}
	}
}

func TestLoad_UnknownStage_NamesKnownStages(t *testing.T) {
	for _, stage := range []string{"prd", "", "Prod", "dev "} {
		_, err := config.Load(stage)
		if err == nil {
			t.Errorf("Load(%q) succeeded", stage)
			continue
		}
		if !strings.Contains(err.Error(), "pass --context stage=dev|staging|prod|local") || strings.Contains(err.Error(), "\n") {
			t.Errorf("Load(%q): %q is not one line that names the stages", stage, err)
		}
	}
}

func TestStages_Differ(t *testing.T) {
	for _, tc := range []struct {
		stage, domain string
		level         config.LogLevel
		disposable    bool
		expo          bool
	}{
		{"dev", "api-dev.expenzez.com", config.LevelDebug, true, true},
		{"staging", "api-staging.expenzez.com", config.LevelInfo, false, false},
		{"prod", "api.expenzez.com", config.LevelWarn, false, false},
		{"local", "api.expenzez.test", config.LevelDebug, true, true},
	} {
		t.Run(tc.stage, func(t *testing.T) {
			c := MustLoad(t, tc.stage)
			if c.API.Domain != tc.domain {
				t.Errorf("domain %q, want %q", c.API.Domain, tc.domain)
			}
			if c.Logs.Level != tc.level {
				t.Errorf("log level %s, want %s", c.Logs.Level, tc.level)
			}
			if c.Data.Disposable != tc.disposable {
				t.Errorf("disposable %t, want %t", c.Data.Disposable, tc.disposable)
			}
			want := []string{"https://expenzez.com", "https://www.expenzez.com", "https://app.expenzez.com", "capacitor://localhost", "ionic://localhost"}
			if tc.expo {
				want = append(want, "http://localhost:8081")
			}
			if !slices.Equal(c.API.AllowedOrigins, want) {
				t.Errorf("origins %v, want %v", c.API.AllowedOrigins, want)
			}
		})
	}
}

func TestTokens_EachStage_HasLifetimesOfInstalledApp(t *testing.T) {
	want := config.Tokens{Access: time.Hour, ID: time.Hour, Refresh: 720 * time.Hour}
	for _, stage := range config.Stages() {
		c := MustLoad(t, stage)
		if c.Tokens != want {
			t.Errorf("%s: tokens %+v, want %+v", stage, c.Tokens, want)
		}
		if c.API.CORSMaxAge != 300*time.Second {
			t.Errorf("%s: preflights are kept for %v, want 300s", stage, c.API.CORSMaxAge)
		}
	}
}

func TestAccount_EachStage_IsDistinct(t *testing.T) {
	owner := map[string]string{}
	for _, stage := range config.Stages() {
		c := MustLoad(t, stage)
		if other, taken := owner[c.Account]; taken {
			t.Errorf("%s and %s share account %s: one account per stage", other, stage, c.Account)
		}
		owner[c.Account] = stage
	}
}

func TestEmailDomain_EachStage_IsDistinct(t *testing.T) {
	owner := map[string]string{}
	for _, stage := range config.Stages() {
		domain := MustLoad(t, stage).Email.Domain()
		if other, taken := owner[domain]; taken {
			t.Errorf("%s and %s send from %s: what a test sends would harm the other", other, stage, domain)
		}
		owner[domain] = stage
		// https://www.rfc-editor.org/rfc/rfc2606#section-3
		if reserved := strings.HasSuffix(domain, "example.com"); reserved != (stage == "local") {
			t.Errorf("%s sends from %s", stage, domain)
		}
	}
}

func TestArchitecture_IsARM64OrThatOfTheHost(t *testing.T) {
	for _, stage := range []string{"dev", "staging", "prod"} {
		if got := MustLoad(t, stage).Functions.Architecture; got != config.ARM64 {
			t.Errorf("%s: architecture %s, want arm64", stage, got)
		}
	}
	host := map[string]config.Architecture{"arm64": config.ARM64, "amd64": config.X86_64}[runtime.GOARCH]
	if got := MustLoad(t, "local").Functions.Architecture; got != host {
		t.Errorf("local: architecture %s on a %s machine", got, runtime.GOARCH)
	}
}

func TestCheckAccount(t *testing.T) {
	c := MustLoad(t, "prod")
	for _, current := range []string{"", c.Account} {
		if err := c.CheckAccount(current); err != nil {
			t.Errorf("CheckAccount(%q): %v", current, err)
		}
	}
	err := c.CheckAccount("111111111111")
	if err == nil {
		t.Fatal("prod took dev's credentials")
	}
	for _, want := range []string{"prod", c.Account, "111111111111", "config/prod.go"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

func TestPhysicalName_ContainsStage(t *testing.T) {
	if got := MustLoad(t, "staging").PhysicalName("Users"); got != "expenzez-staging-Users" {
		t.Errorf("got %q", got)
	}
}

func TestLoad_ReturnsCopy(t *testing.T) {
	MustLoad(t, "prod").API.AllowedOrigins[0] = "https://evil.example"
	if got := MustLoad(t, "prod").API.AllowedOrigins[0]; got != "https://expenzez.com" {
		t.Errorf("one caller changed another's origins to %q", got)
	}
}
