// Command compare compares the snapshots of two commits and prints the comment for the
// pull request:
//
//	make changes BASE=/tmp/base HEAD=/tmp/head LABELS=allow-higher-cost
//
// It exits with status 1 when a change needs a label that the pull request lacks, and with
// status 2 when the comparison fails. It needs the CDK CLI (make install), fetches oasdiff
// with Go, and needs no credentials.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/expenzez/infrastructure/delivery/changes"
)

func main() {
	base := flag.String("base", "", "the snapshot of the target branch")
	head := flag.String("head", "", "the snapshot of the pull request")
	labels := flag.String("labels", "", "the pull request's labels, separated by commas")
	out := flag.String("out", "", "the file of the comment; empty for standard output")
	flag.Parse()
	refusals, err := run(*base, *head, *labels, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	for _, refusal := range refusals {
		fmt.Fprintf(os.Stderr, "refused: %s. A reviewer accepts it with the label %s.\n", refusal.Reason, refusal.Label)
	}
	if len(refusals) > 0 {
		os.Exit(1)
	}
}

func run(base, head, labels, out string) ([]changes.Refusal, error) {
	old, err := changes.OpenSnapshot(base)
	if err != nil {
		return nil, err
	}
	current, err := changes.OpenSnapshot(head)
	if err != nil {
		return nil, err
	}
	report, err := changes.Compare(old, current, strings.Split(labels, ","), changes.Programs())
	if err != nil {
		return nil, err
	}
	text, err := report.Comment()
	if err != nil {
		return nil, err
	}
	if out == "" {
		fmt.Print(text)
		return report.Refusals(), nil
	}
	return report.Refusals(), os.WriteFile(out, []byte(text), 0o644)
}
