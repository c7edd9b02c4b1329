package constructs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

// bootstrapOf writes an executable bootstrap of these bytes.
func bootstrapOf(t *testing.T, content []byte) constructs.BootstrapFolder {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bootstrap"), content, 0o755); err != nil {
		t.Fatal(err)
	}
	return constructs.BootstrapFolder(dir)
}

// A build for the developer's own machine is handed to a function on ARM64.
func TestBootstrapFolder_OtherArchitecture_IsRefused(t *testing.T) {
	dir := module(t, smallMain)
	for built, other := range map[constructs.Architecture]constructs.Architecture{
		constructs.ARM64: constructs.X8664, constructs.X8664: constructs.ARM64,
	} {
		folder := constructs.BootstrapFolder(filepath.Dir(mustBundle(t, constructs.GoBundle{Package: ".", Dir: dir}, built)))
		if _, err := folder.Folder(built); err != nil {
			t.Errorf("built for %s: %v", built, err)
		}
		_, err := folder.Folder(other)
		if err == nil || !strings.Contains(err.Error(), "Architecture is "+string(other)) {
			t.Errorf("built for %s and given to %s: the error is %v", built, other, err)
		}
	}
	refused(t, func() {
		constructs.NewLeastPrivilegeFunction(newStack(), "Orders", &constructs.LeastPrivilegeFunctionProps{
			Name: "orders", Code: constructs.BootstrapFolder(filepath.Dir(mustBundle(t, constructs.GoBundle{Package: ".", Dir: dir}, constructs.X8664))),
		})
	}, "Code")
}

func TestBootstrapFolder_NotLinuxProgram_IsRefused(t *testing.T) {
	for name, content := range map[string][]byte{
		"empty": nil, "one byte": {'#'}, "text": []byte("hello\n"), "a program for macOS": {0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1},
		"a program for Windows": []byte("MZ\x90\x00"), "half a header": []byte("\x7fELF\x02\x01\x01"),
	} {
		_, err := bootstrapOf(t, content).Folder(constructs.ARM64)
		if err == nil || !strings.Contains(err.Error(), "GOOS=linux") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if _, err := bootstrapOf(t, []byte("#!/bin/sh\nexec ./main\n")).Folder(constructs.ARM64); err != nil {
		t.Errorf("a script: %v", err)
	}
}

func TestBootstrapFolder_TooLarge_IsRefused(t *testing.T) {
	folder := bootstrapOf(t, []byte("#!/bin/sh\n"))
	large, err := os.Create(filepath.Join(string(folder), "model.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer large.Close()
	if err := large.Truncate(251 << 20); err != nil { // a hole takes no space
		t.Fatal(err)
	}
	if _, err := folder.Folder(constructs.ARM64); err == nil || !strings.Contains(err.Error(), "262144000") {
		t.Errorf("the error is %v", err)
	}
}
