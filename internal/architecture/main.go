// Command architecture draws the backend in README.md, as a Mermaid flowchart, from
// the declarations of its functions:
//
//	go run ./internal/architecture
//
// A test fails if the picture differs from the declarations.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/expenzez/infrastructure/lambdas"
)

func main() {
	if err := redraw("README.md"); err != nil {
		fmt.Fprintln(os.Stderr, "architecture:", err)
		os.Exit(1)
	}
}

const blockStart, blockEnd = "```mermaid\n", "```\n"

// redraw replaces the picture in a page.
func redraw(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	drawn, err := withDiagram(string(text), diagram(lambdas.Domains()))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(drawn), 0o644)
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
