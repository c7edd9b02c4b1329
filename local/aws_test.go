package local

import (
	"slices"
	"strings"
	"testing"
)

func TestCLIEnv_OmitsUsersAWSSettings(t *testing.T) {
	env := cliEnv([]string{
		"PATH=/bin", "HOME=/home/ada", "AWS_PROFILE=prod", "AWS_ACCESS_KEY_ID=AKIAREAL", "AWS_ENDPOINT_URL=https://elsewhere",
		"AWS_SESSION_TOKEN=real", "CDK_DEFAULT_ACCOUNT=123456789012", "CDK_VALIDATION=false", "NO_PROXY=corp.example",
	}, "http://127.0.0.1:4566")
	for _, want := range []string{
		"PATH=/bin", "HOME=/home/ada", "AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID=" + Account,
		"CDK_VALIDATION=false", "NO_PROXY=corp.example,127.0.0.1,localhost",
	} {
		name, _, _ := strings.Cut(want, "=")
		var last string // the last of a name is the one that counts
		for _, setting := range env {
			if strings.HasPrefix(setting, name+"=") {
				last = setting
			}
		}
		if last != want {
			t.Errorf("%s is %q", name, last)
		}
	}
	for _, foreign := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "CDK_DEFAULT_ACCOUNT"} {
		if i := slices.IndexFunc(env, func(s string) bool { return strings.HasPrefix(s, foreign+"=") }); i >= 0 {
			t.Errorf("the CLI gets %s", env[i])
		}
	}
}
