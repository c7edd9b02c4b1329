// Command snapshot writes the snapshot of a checkout, for a comparison of two commits:
//
//	make snapshot OUT=/tmp/base
//
// It needs the CDK CLI (make install) and no credentials.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"

	"github.com/expenzez/infrastructure/delivery/changes"
)

func main() {
	out := flag.String("out", "", "the folder to write, which must not exist")
	flag.Parse()
	if *out == "" {
		fmt.Fprintln(os.Stderr, "snapshot: name the folder: -out DIR")
		os.Exit(2)
	}
	if err := changes.Write(".", *out, synth); err != nil {
		fmt.Fprintln(os.Stderr, "snapshot:", err)
		os.Exit(1)
	}
}

// synth writes the templates of a stage. The policy's findings are the pull request's own
// check, so that the validator, which takes most of the time, is left out here.
func synth(stage, dir string) error {
	command := exec.Command("npx", "cdk", "synth", "--quiet", "--output", dir, "--context", "stage="+stage)
	command.Env = append(os.Environ(), "CDK_VALIDATION=false")
	command.Stderr = os.Stderr
	return command.Run()
}
