// Command architecture draws the backend in README.md, as a Mermaid flowchart, from
// the declarations of its functions. It also counts the operations of the contract that
// are built:
//
//	go run ./internal/architecture
//
// A test fails if the picture differs from the declarations, or the count from the list
// of built operations.
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/test/contract"
)

func main() {
	if err := update("README.md"); err != nil {
		fmt.Fprintln(os.Stderr, "architecture:", err)
		os.Exit(1)
	}
}

const blockStart, blockEnd = "```mermaid\n", "```\n"

// update replaces the picture and the count in a page.
func update(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	current, err := updated(string(text), "api/openapi.yaml")
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(current), 0o644)
}

// updated returns the page with the picture of the declarations and the count of the
// contract in the file.
func updated(page, file string) (string, error) {
	document, err := contract.Load(file)
	if err != nil {
		return "", err
	}
	built := 0
	for _, operation := range document.Operations() {
		if operation.Implemented() {
			built++
		}
	}
	if page, err = withCount(page, built, len(document.Operations())); err != nil {
		return "", err
	}
	return withDiagram(page, diagram(lambdas.Domains()))
}

var builtCount = regexp.MustCompile(`\d+ of \d+ built`)

// withCount returns the page with the number of built operations.
func withCount(page string, built, all int) (string, error) {
	if !builtCount.MatchString(page) {
		return "", errors.New(`does not say "N of M built"`)
	}
	return builtCount.ReplaceAllLiteralString(page, fmt.Sprintf("%d of %d built", built, all)), nil
}

// withDiagram returns the page with the picture in place of its Mermaid block.
func withDiagram(page, picture string) (string, error) {
	before, rest, found := strings.Cut(page, blockStart)
	_, after, closed := strings.Cut(rest, blockEnd)
	if !found || !closed {
		return "", errors.New("has no Mermaid block to draw in")
	}
	return before + blockStart + picture + blockEnd + after, nil
}
