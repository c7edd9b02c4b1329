package repotest_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestNPM_InstallsPinnedCDKOnly(t *testing.T) {
	expectProblems(t, npmProblems(t, MustRead(t, "package.json"), MustRead(t, "package-lock.json")))
}

func TestNPMProblems(t *testing.T) {
	const pkg = `{"private": true, "devDependencies": {"aws-cdk": "2.1.0"}}`
	const lock = `{"packages": {"": {"devDependencies": {"aws-cdk": "2.1.0"}}, "node_modules/aws-cdk": {"version": "2.1.0", "integrity": "sha512-x"}}}`
	for _, tc := range []struct {
		name      string
		pkg, lock string
		want      []string
	}{
		{"both agree", pkg, lock, nil},
		{"a public package", strings.Replace(pkg, "true", "false", 1), lock, []string{"package.json: private must be true, so that it is never published"}},
		{"a range", strings.Replace(pkg, "2.1.0", "^2.1.0", 1), strings.Replace(lock, "2.1.0", "^2.1.0", 1), []string{
			`package.json: aws-cdk is "^2.1.0": pin an exact version`,
			`package-lock.json: aws-cdk is "2.1.0", package.json has "^2.1.0": run npm install`}},
		{"another version in the lock's summary", pkg, strings.Replace(lock, "2.1.0", "2.2.0", 1), []string{`package-lock.json: made for aws-cdk "2.2.0", package.json has "2.1.0": run npm install`}},
		{"another version locked", pkg, strings.Replace(lock, `"version": "2.1.0"`, `"version": "2.2.0"`, 1), []string{`package-lock.json: aws-cdk is "2.2.0", package.json has "2.1.0": run npm install`}},
		{"a second tool", strings.Replace(pkg, `"aws-cdk"`, `"left-pad": "1.0.0", "aws-cdk"`, 1), lock, []string{"package.json: 2 development dependencies, want aws-cdk alone"}},
		{"no hash", pkg, strings.Replace(lock, "sha512-x", "", 1), []string{"package-lock.json: node_modules/aws-cdk has no sha512 integrity: run npm install"}},
		{"an address", pkg, strings.Replace(lock, `"integrity"`, `"resolved": "https://example.com/a.tgz", "integrity"`, 1), []string{"package-lock.json: node_modules/aws-cdk names a registry: run npm install --omit-lockfile-registry-resolved"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			expectProblems(t, npmProblems(t, []byte(tc.pkg), []byte(tc.lock)), tc.want...)
		})
	}
}

// npmPackage holds the tested fields of package.json and of each entry of the lock.
type npmPackage struct {
	Private                      bool
	Version, Integrity, Resolved string
	DevDependencies              map[string]string
}

var exactVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// npmProblems compares package.json with its lock.
func npmProblems(t *testing.T, pkg, lock []byte) (problems []string) {
	var p npmPackage
	var l struct{ Packages map[string]npmPackage }
	for source, into := range map[string]any{string(pkg): &p, string(lock): &l} {
		if err := json.Unmarshal([]byte(source), into); err != nil {
			t.Fatal(err)
		}
	}
	complain := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	want := p.DevDependencies["aws-cdk"]
	summary, locked := l.Packages[""].DevDependencies["aws-cdk"], l.Packages["node_modules/aws-cdk"].Version
	complain(p.Private, "package.json: private must be true, so that it is never published")
	complain(len(p.DevDependencies) == 1, "package.json: %d development dependencies, want aws-cdk alone", len(p.DevDependencies))
	complain(exactVersion.MatchString(want), "package.json: aws-cdk is %q: pin an exact version", want)
	complain(summary == want, "package-lock.json: made for aws-cdk %q, package.json has %q: run npm install", summary, want)
	complain(locked == want, "package-lock.json: aws-cdk is %q, package.json has %q: run npm install", locked, want)
	for path, entry := range l.Packages {
		complain(path == "" || strings.HasPrefix(entry.Integrity, "sha512-"), "package-lock.json: %s has no sha512 integrity: run npm install", path)
		complain(entry.Resolved == "", "package-lock.json: %s names a registry: run npm install --omit-lockfile-registry-resolved", path)
	}
	return problems
}
