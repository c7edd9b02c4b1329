package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCompiledMessages_MatchTemplates(t *testing.T) {
	want, err := compile(files)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range must(filepath.Glob("../compiled/*")) {
		got[filepath.Base(file)] = string(must(os.ReadFile(file)))
	}
	if !maps.Equal(got, want) {
		t.Error("go generate ./lambdas/emailtemplates makes other messages than those in lambdas/emailtemplates/compiled")
	}
}

func TestWrite_RemovedMessage_IsDeleted(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "compiled")
	for range 2 {
		if err := write(folder); err != nil {
			t.Fatal(err)
		}
		if want, written := must(compile(files)), must(os.ReadDir(folder)); len(written) != len(want) {
			t.Fatalf("%d files are written, not %d", len(written), len(want))
		}
		if err := os.WriteFile(filepath.Join(folder, "old.txt"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompile_ValueInUnsafePlace_IsAnError(t *testing.T) {
	for content, safe := range map[string]bool{
		`<p>{{.A}}</p>`:                          true,
		`<p title="{{.A}}">x</p>`:                true,
		`<title>{{.A}}</title>`:                  true,
		`{{range slice .A 0 1}}x{{end}}{{.A}}`:   false, // which depends on the value
		`<p title={{.A}}>x</p>`:                  false,
		`<a href="{{.A}}">x</a>`:                 false,
		`<p style="color:{{.A}}">x</p>`:          false,
		`<script>x = {{.A}}</script>`:            false,
		`<p>{{printf "%q" .A}}</p>`:              false,
		`<p>{{if eq .A "{{ A }}"}}x{{end}}</p>`:  false,
		`<p>{{if eq .A "somebody"}}x{{end}}</p>`: false,
	} {
		_, err := compile(fstest.MapFS{
			"templates/layout.html": {Data: []byte(`{{template "content" .}}`)},
			"templates/a.html":      {Data: []byte(`{{define "content"}}` + content + `{{end}}`)},
		})
		if (err == nil) != safe || err != nil && !strings.Contains(err.Error(), "a.html") {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestCompile_TextWithoutSubject_IsAnError(t *testing.T) {
	layout := &fstest.MapFile{Data: []byte(`{{.App}}: {{template "content" .}}`)}
	got, err := compile(fstest.MapFS{
		"templates/layout.txt": layout,
		"templates/a.txt":      {Data: []byte(`{{define "subject"}}To {{.You}}{{end}}{{define "content"}}Hello{{end}}`)},
	})
	if want := "Subject: To {{ You }}\n\n{{ App }}: Hello"; err != nil || got["a.txt"] != want {
		t.Errorf("got %q, %v", got["a.txt"], err)
	}
	if _, err := compile(fstest.MapFS{"templates/layout.txt": layout, "templates/a.txt": {Data: []byte(`{{define "content"}}Hello{{end}}`)}}); err == nil {
		t.Error("a text without a subject compiles")
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
