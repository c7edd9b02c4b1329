package repotest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gitleaks finds secrets in the tree and in every commit. Go fetches it, and checks it
// against the checksum database. https://github.com/gitleaks/gitleaks
const gitleaks = "github.com/zricethezav/gitleaks/v8@v8.24.0"

// scan returns what gitleaks reports about the history of a repository, by the rules of
// this one. It prints no secret.
func scan(t *testing.T, repository string) (report string, found bool) {
	t.Helper()
	rules, err := filepath.Abs(filepath.Join(root, ".gitleaks.toml"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "run", gitleaks, "git", "--no-banner", "--no-color", "--redact", "--verbose", "--config", rules, repository)
	said, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || !strings.Contains(string(said), "leaks found")) {
		t.Fatalf("gitleaks: %v\n%s", err, said)
	}
	return string(said), err != nil
}

func TestHistory_Secrets_AreAbsent(t *testing.T) {
	if report, found := scan(t, root); found {
		t.Errorf("the history has a secret. Revoke it first. A value that a test invented is allowed in .gitleaks.toml.\n%s", report)
	}
}

func TestSecretScan_PlantedKey_IsFoundInAnOldCommit(t *testing.T) {
	// The values are put together here, so that this file has none of them.
	const header = "eyJhbGciOiJSUzI1NiJ9"
	for name, secret := range map[string]string{
		"a key of AWS":                  "aws = \"AK" + "IAY3FNXQ7GKP2LZTRM\"",
		"a token beside an allowed one": "token = \"" + header + ".eyJzdWIiOiJjYW5hcnkifQ." + "b3RoZXJzaWduYXR1cmV2YWx1ZQ\"",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			git := func(arguments ...string) {
				t.Helper()
				command := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, arguments...)...)
				if said, err := command.CombinedOutput(); err != nil {
					t.Fatalf("git %v: %v\n%s", arguments, err, said)
				}
			}
			file := filepath.Join(dir, "settings.txt")
			git("init", "--quiet")
			for i, text := range []string{"x\n", secret + "\n", "x\n"} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				git("add", "--all")
				git("commit", "--quiet", "--message", strings.Repeat("x", i+1))
			}
			report, found := scan(t, dir)
			if !found || !strings.Contains(report, "settings.txt") {
				t.Errorf("gitleaks found nothing:\n%s", report)
			}
			if _, value, _ := strings.Cut(secret, `"`); strings.Contains(report, strings.Trim(value, `"`)) {
				t.Error("the report has the secret itself")
			}
		})
	}
}
