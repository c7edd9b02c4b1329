package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// libraryPackages are the packages that other modules import, as go patterns.
var libraryPackages = []string{"./constructs/...", "./policy"}

func main() {
	base := flag.String("base", "", "commit or tag to compare with; default: the newest tag v*")
	flag.Parse()
	os.Exit(run(".", *base, libraryPackages, os.Stdout, os.Stderr))
}

// run compares the packages of the repository dir with base and returns the exit
// status.
func run(dir, base string, patterns []string, stdout, stderr io.Writer) int {
	unannounced, err := unannouncedChanges(dir, base, patterns, stdout)
	if errors.Is(err, errNoRelease) {
		fmt.Fprintln(stdout, "There is no release yet; name a commit to compare with: -base main.")
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "apicompat:", err)
		return 2
	}
	for _, c := range unannounced {
		fmt.Fprintf(stderr, "%s: incompatible: %s\n  Keep the old form, or announce the change in CHANGELOG.md under \"## Unreleased\", \"### Breaking\": - `%s`: what users do instead.\n",
			c.pkg, c.message, c.symbol())
	}
	return min(len(unannounced), 1)
}

// unannouncedChanges returns the incompatible changes since base that the
// changelog does not announce. It returns errNoRelease where base is empty and
// there is no tag.
func unannouncedChanges(dir, base string, patterns []string, stdout io.Writer) ([]change, error) {
	base, err := resolveBase(dir, base)
	if err != nil {
		return nil, err
	}
	old, remove, err := checkOut(dir, base)
	if err != nil {
		return nil, err
	}
	defer remove()
	found, err := incompatibleChanges(old, dir, patterns)
	if err != nil {
		return nil, err
	}
	changelog, err := os.ReadFile(filepath.Join(dir, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	announced := announcedSymbols(string(changelog))
	var unannounced []change
	for _, c := range found {
		if !announced[c.symbol()] {
			unannounced = append(unannounced, c)
		}
	}
	fmt.Fprintf(stdout, "Compared with %s: %d incompatible changes, %d of them unannounced.\n", base, len(found), len(unannounced))
	return unannounced, nil
}
