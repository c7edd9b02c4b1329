package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

func TestLoad_ListOfBuiltOperations_IsChecked(t *testing.T) {
	for list, want := range map[string]string{
		"GET /health\nGET /profile\n":   "",
		"GET /profile\nGET /health\n":   "sort the lines",
		"GET /health\nGET /health\n":    "sort the lines",
		"GET /health\nGET /nowhere\n":   `"GET /nowhere" is not in the contract`,
		"GET /health\n\nGET /profile\n": "sort the lines",
	} {
		loaded, err := contract.Load(withBuilt(t, list))
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v", list, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]bool{"GET /profile": true, "PUT /profile": false} {
			if operation, _ := loaded.Operation(key); operation.Implemented() != want {
				t.Errorf("%s is implemented: %v", key, !want)
			}
		}
	}
}

// withBuilt returns the path of a copy of the contract with another list of built
// operations.
func withBuilt(t *testing.T, list string) string {
	t.Helper()
	document, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "openapi.yaml")
	for name, text := range map[string]string{file: string(document), filepath.Join(dir, contract.BuiltFile): list} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestAddBuilt_NewKey_StandsInItsPlace(t *testing.T) {
	const list = "GET /a\nPOST /a\n"
	for key, want := range map[string]string{
		"GET /b":  "GET /a\nGET /b\nPOST /a\n",
		"POST /a": list,
	} {
		if got := contract.AddBuilt(list, key); got != want {
			t.Errorf("%s: got %q", key, got)
		}
	}
}
