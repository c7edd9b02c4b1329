package main

import (
	"errors"
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// change is one incompatible change of a package's exported API.
type change struct {
	// pkg is the import path.
	pkg string
	// message is apidiff's, such as "(*SecureTable).Allow: removed".
	message string
}

// symbol returns the changed symbol as the changelog spells it: a method is
// "SecureTable.Allow" and a field "SecureTableProps.Name".
func (c change) symbol() string {
	symbol, _, _ := strings.Cut(c.message, ": ")
	return strings.NewReplacer("(", "", "*", "", ")", "").Replace(symbol)
}

// incompatibleChanges returns the incompatible changes of the packages from the
// module in folder old to the one in folder current.
func incompatibleChanges(old, current string, patterns []string) ([]change, error) {
	before, err := load(old, patterns)
	if err != nil {
		return nil, fmt.Errorf("load the base: %w", err)
	}
	now, err := load(current, patterns)
	if err != nil {
		return nil, fmt.Errorf("load the working tree: %w", err)
	}
	var found []change
	for path, pkg := range before {
		if now[path] == nil {
			found = append(found, change{path, "package: removed"})
			continue
		}
		for _, c := range apidiff.Changes(pkg, now[path]).Changes {
			if !c.Compatible {
				found = append(found, change{path, c.Message})
			}
		}
	}
	slices.SortFunc(found, func(a, b change) int { return strings.Compare(a.pkg+a.message, b.pkg+b.message) })
	return found, nil
}

// load returns the types of the importable packages by import path. Packages
// below an internal folder and commands are left out.
func load(dir string, patterns []string) (map[string]*types.Package, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedExportFile,
		Dir:  dir,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	found := map[string]*types.Package{}
	var problems []error
	for _, pkg := range loaded {
		for _, problem := range pkg.Errors {
			problems = append(problems, problem)
		}
		if pkg.Name != "main" && !slices.Contains(strings.Split(pkg.PkgPath, "/"), "internal") {
			found[pkg.PkgPath] = pkg.Types
		}
	}
	return found, errors.Join(problems...)
}

var (
	unreleasedSection = regexp.MustCompile(`(?ms)^## Unreleased\n(.*?)(?:^## |\z)`)
	breakingSection   = regexp.MustCompile(`(?ms)^### Breaking\n(.*?)(?:^### |\z)`)
	quoted            = regexp.MustCompile("`([^`]+)`")
)

// announcedSymbols returns the symbols in backquotes under "### Breaking" of the
// changelog's section "## Unreleased".
func announcedSymbols(changelog string) map[string]bool {
	announced := map[string]bool{}
	if unreleased := unreleasedSection.FindStringSubmatch(changelog); unreleased != nil {
		if breaking := breakingSection.FindStringSubmatch(unreleased[1]); breaking != nil {
			for _, match := range quoted.FindAllStringSubmatch(breaking[1], -1) {
				announced[match[1]] = true
			}
		}
	}
	return announced
}
