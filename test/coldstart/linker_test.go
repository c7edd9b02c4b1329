package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// If a binary can call a method by a computed name, the linker keeps every exported
// method, which doubles the size. CreateGlobalTable shows this: no function calls it.
func TestLinker_UncalledCode_IsLeftOut(t *testing.T) {
	const client = "github.com/aws/aws-sdk-go-v2/service/dynamodb.(*Client)."
	mains, err := filepath.Glob(filepath.Join(root, "lambdas/*/bootstrap"))
	if err != nil || len(mains) < 6 {
		t.Fatalf("found %v, %v", mains, err)
	}
	for _, main := range mains {
		pkg, err := filepath.Rel(root, main)
		if err != nil {
			t.Fatal(err)
		}
		file, err := build(root, t.TempDir(), "./"+pkg)
		if err != nil {
			t.Fatal(err)
		}
		binary, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(binary, []byte(client+"UpdateItem")) {
			t.Errorf("%s: the names of its methods are not found", pkg)
		}
		if bytes.Contains(binary, []byte(client+"CreateGlobalTable")) {
			t.Errorf("%s contains uncalled methods: go build -tags lambda.norpc,validator_novalidatefn -ldflags=-dumpdep ./%s 2>&1 | grep ReflectMethod tells why", pkg, pkg)
		}
	}
}
