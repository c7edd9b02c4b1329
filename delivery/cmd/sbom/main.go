// Command sbom writes what is in the functions of the last synth, as a CycloneDX document:
//
//	make sbom OUT=sbom.json
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/expenzez/infrastructure/delivery/sbom"
)

func main() {
	assembly := flag.String("assembly", "cdk.out", "the cloud assembly")
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	text, err := sbom.Of(*assembly)
	if err == nil {
		err = os.WriteFile(*out, text, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}
