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
		return withCount(page, countOperations(document.Operations()))
	}
}

// counts are how many operations the contract has and how many of them are built, by who
// calls them.
type counts struct {
	all, app, webhooks, unsubscribing int
}

// countOperations counts operations by their path. The app calls what is neither a
// webhook nor a link of an e-mail.
func countOperations(operations []contract.Operation) counts {
	c := counts{all: len(operations)}
	for _, operation := range operations {
		_, path, _ := strings.Cut(operation.Key, " ")
		switch {
		case !operation.Implemented():
		case strings.HasPrefix(path, "/webhooks/"):
			c.webhooks++
		case strings.HasPrefix(path, "/notifications/unsubscribe/"):
			c.unsubscribing++
		default:
			c.app++
		}
	}
	return c
}

var builtCount = regexp.MustCompile(`\d+ of \d+ built: \d+ for the app, \d+ for RevenueCat's webhook, \d+ for unsubscribing`)

// withCount returns the page with the numbers of built operations.
func withCount(page string, c counts) (string, error) {
	if !builtCount.MatchString(page) {
		return "", errors.New(`does not say "N of M built: N for the app, N for RevenueCat's webhook, N for unsubscribing"`)
	}
	return builtCount.ReplaceAllLiteralString(page, fmt.Sprintf("%d of %d built: %d for the app, %d for RevenueCat's webhook, %d for unsubscribing",
		c.app+c.webhooks+c.unsubscribing, c.all, c.app, c.webhooks, c.unsubscribing)), nil
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
