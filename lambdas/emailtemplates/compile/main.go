// Command compile makes of the templates what the functions carry: each message
// as a text and as HTML that are finished but for its values.
//
//	go generate ./lambdas/emailtemplates
//
// Templates call methods by name. A binary that can do that keeps every exported
// method of everything it links, called or not: the AWS SDK's clients whole, which
// nearly doubles the auth domain's (docs/telemetry.md).
// https://pkg.go.dev/cmd/link
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := write("compiled"); err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

func write(folder string) error {
	messages, err := compile(files)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, text := range messages {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
