package sampletexts

import (
	_ "embed"
	"strings"
)

//go:embed honest.txt
var honest string

//go:embed attacks.txt
var attacks string

// Honest returns the texts that must pass.
func Honest() []string { return lines(honest) }

// Attacks returns the texts that must be refused.
func Attacks() []string { return lines(attacks) }

// lines returns the lines without comments and empty lines.
func lines(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && !strings.HasPrefix(line, "// ") {
			all = append(all, line)
		}
	}
	return all
}
