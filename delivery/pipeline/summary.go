package pipeline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/expenzez/infrastructure/delivery/changes"
)

// StackSummary counts what a deployment changes in a stack.
type StackSummary struct {
	Stack   string `json:"stack"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
	// Removals are the resources that are removed or replaced.
	Removals []string `json:"removals,omitempty"`
}

var (
	stackLine = regexp.MustCompile(`^Stack (\S+)`)
	// The sections of parameters, conditions and outputs have such lines, too, without a type of AWS.
	resourceLine = regexp.MustCompile(`^\[([-+~])\] \w+::\w+::\w+`)
)

// Summarise counts what cdk diff prints about a stage. A stack without changes is left out.
func Summarise(diff string) (stacks []StackSummary) {
	var current StackSummary
	add := func() {
		if current.Added+current.Changed+current.Removed > 0 {
			stacks = append(stacks, current)
		}
	}
	for _, line := range strings.Split(diff, "\n") {
		line = strings.TrimSpace(line)
		if found := stackLine.FindStringSubmatch(line); found != nil {
			add()
			current = StackSummary{Stack: found[1]}
		}
		if found := resourceLine.FindStringSubmatch(line); found != nil {
			switch found[1] {
			case "+":
				current.Added++
			case "~":
				current.Changed++
			case "-":
				current.Removed++
			}
			for _, removal := range changes.Removals(current.Stack, line) {
				current.Removals = append(current.Removals, fmt.Sprintf("%s %s (%s)", removal.Type, removal.Path, removal.Impact))
			}
		}
	}
	add()
	return stacks
}

func (s StackSummary) String() string {
	return fmt.Sprintf("%s: %d added, %d changed, %d removed", s.Stack, s.Added, s.Changed, s.Removed)
}
