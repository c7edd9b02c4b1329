package contract

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// BuiltFile is the name of the list of built operations, beside the contract: the key of
// each, such as "GET /profile", one a line, sorted. An installed app calls a built
// operation for years, so a line is never removed: a test fails for an operation in the
// list without a route, and for a route that is not in the list.
const BuiltFile = "built.txt"

func readBuilt(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the built operations: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

// checkBuilt returns an error if the list is not sorted or names an operation twice or an
// operation that the contract does not have.
func checkBuilt(built []string, operations []Operation) error {
	for i, key := range built {
		if i > 0 && built[i-1] >= key {
			return fmt.Errorf("%s: %q stands before %q: sort the lines, without repetition", BuiltFile, built[i-1], key)
		}
		if !slices.ContainsFunc(operations, func(o Operation) bool { return o.Key == key }) {
			return fmt.Errorf("%s: %q is not in the contract", BuiltFile, key)
		}
	}
	return nil
}

// AddBuilt returns the list with a key in its place.
func AddBuilt(list, key string) string {
	var keys []string
	for line := range strings.Lines(list) {
		keys = append(keys, strings.TrimSuffix(line, "\n"))
	}
	if !slices.Contains(keys, key) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return strings.Join(keys, "\n") + "\n"
}
