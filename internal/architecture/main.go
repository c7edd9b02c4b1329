// Command architecture writes docs/architecture.md: the topics, queues and other events as a
// Mermaid flowchart, and the domains with the services that they use, both from the
// declarations of the functions. It also counts in README.md the operations of the contract
// that are built:
//
//	go run ./internal/architecture
//
// A test fails if a page differs from the declarations, or the count from the list of built
// operations.
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
	if err := errors.Join(update("README.md", withBuilt("api/openapi.yaml")), update("docs/architecture.md", withDeclarations)); err != nil {
		fmt.Fprintln(os.Stderr, "architecture:", err)
		os.Exit(1)
	}
}

// update replaces what is generated in a page.
func update(page string, generate func(string) (string, error)) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	current, err := generate(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(current), 0o644)
}

// withBuilt returns a function that writes how many operations of the contract in the file
// are built into a page.
func withBuilt(file string) func(page string) (string, error) {
	return func(page string) (string, error) {
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
		return withCount(page, built, len(document.Operations()))
	}
}

var builtCount = regexp.MustCompile(`\d+ of \d+ built`)

// withCount returns the page with the number of built operations.
func withCount(page string, built, all int) (string, error) {
	if !builtCount.MatchString(page) {
		return "", errors.New(`does not say "N of M built"`)
	}
	return builtCount.ReplaceAllLiteralString(page, fmt.Sprintf("%d of %d built", built, all)), nil
}

// withDeclarations returns the page with the flowchart and the table of the declarations.
func withDeclarations(page string) (string, error) {
	page, err := withPart(page, "events", "```mermaid\n"+eventsDiagram(lambdas.Domains())+"```\n")
	if err != nil {
		return "", err
	}
	return withPart(page, "domains", domainsTable(lambdas.Domains()))
}

// withPart returns the page with the text between the comments that begin and end a part.
func withPart(page, part, text string) (string, error) {
	begin, end := "<!-- generated: "+part+" -->\n", "<!-- end: "+part+" -->\n"
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("has no part between %q and %q", begin, end)
	}
	return before + begin + text + end + after, nil
}
