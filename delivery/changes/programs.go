package changes

import (
	"bytes"
	"fmt"
	"os/exec"
)

// oasdiff compares contracts. Go fetches it, and checks it against the checksum database.
// https://github.com/oasdiff/oasdiff
const oasdiff = "github.com/oasdiff/oasdiff@v1.37.0"

// Programs returns the CDK CLI of this repository and oasdiff.
func Programs() Tools { return Tools{Diff: cdkDiff, Contracts: oasdiffBreaking} }

// cdkDiff compares without AWS: with a template of its own, cdk diff reads no stack. With
// --ci it prints the differences on standard output; without it, that depends on the
// environment variable CI.
func cdkDiff(assembly, stack, oldTemplate string) (string, error) {
	return run("npx", "cdk", "diff", "--app", assembly, "--exclusively", "--template", oldTemplate, "--no-color", "--ci", stack)
}

func oasdiffBreaking(base, head string) ([]byte, error) {
	list, err := run("go", "run", oasdiff, "breaking", "--format", "json", base, head)
	return []byte(list), err
}

// run returns what a program prints on standard output.
func run(program string, arguments ...string) (stdout string, err error) {
	command := exec.Command(program, arguments...)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, errors.String())
	}
	return out.String(), nil
}
