package fieldcrypt_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Every attack in docs/field-encryption.md names the test that shows what stops
// it; the test must exist.
func TestTheTestsThatThePageNamesExist(t *testing.T) {
	page, err := os.ReadFile("../../../docs/field-encryption.md")
	if err != nil {
		t.Fatal(err)
	}
	existing := map[string]bool{}
	for _, folder := range []string{".", "../blindindex", "../../tables", "../../auth"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, declared := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(source, -1) {
				existing[string(declared[1])] = true
			}
		}
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`").FindAllSubmatch(page, -1)
	if len(named) == 0 {
		t.Fatal("the page names no test")
	}
	for _, name := range named {
		if !existing[string(name[1])] {
			t.Errorf("docs/field-encryption.md names %s, which does not exist", name[1])
		}
	}
}
