package main

import (
	"embed"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	text "text/template"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates/placeholder"
)

//go:embed templates
var files embed.FS

// compile returns the finished messages by file name. A text begins with a line
// "Subject: ".
func compile(files fs.FS) (map[string]string, error) {
	pages, err := fs.ReadDir(files, "templates")
	if err != nil {
		return nil, err
	}
	messages := map[string]string{}
	for _, page := range pages {
		name, kind, _ := strings.Cut(page.Name(), ".")
		if name == "layout" {
			continue
		}
		parts := []string{"templates/layout." + kind, "templates/" + page.Name()}
		if messages[page.Name()], err = compileOne(files, kind, parts); err != nil {
			return nil, fmt.Errorf("%s: %w", page.Name(), err)
		}
	}
	return messages, nil
}

var errContext = errors.New("a value is used for something else than to be shown in text or in a quoted attribute: show it there")

// compileOne executes a template with placeholders, and once more with a value
// that needs escaping, to see that filling in the placeholders comes to the same.
func compileOne(files fs.FS, kind string, parts []string) (string, error) {
	execute, escape := texts, func(value string) string { return value }
	if kind == "html" {
		execute, escape = htmls, html.EscapeString
	}
	names, err := valuesIn(files, parts)
	if err != nil {
		return "", err
	}
	holes, probes := map[string]string{}, map[string]string{}
	for _, name := range names {
		holes[name], probes[name] = placeholder.Of(name), `<p style='x'>"&`+name
	}
	compiled, err := execute(files, parts, holes)
	if err != nil {
		return "", err
	}
	want, err := execute(files, parts, probes)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if !strings.Contains(compiled, placeholder.Of(name)) {
			return "", fmt.Errorf("%s: %w", name, errContext)
		}
	}
	if filled, err := placeholder.Fill(compiled, probes, escape); err != nil || filled != want {
		return "", errors.Join(errContext, err)
	}
	return compiled, nil
}

var value = regexp.MustCompile(`\{\{[^}]*\.([A-Z]\w*)`)

// valuesIn returns the names of the values that the parts show.
func valuesIn(files fs.FS, parts []string) (names []string, err error) {
	for _, part := range parts {
		source, err := fs.ReadFile(files, part)
		if err != nil {
			return nil, err
		}
		for _, found := range value.FindAllSubmatch(source, -1) {
			names = append(names, string(found[1]))
		}
	}
	return names, nil
}

func texts(files fs.FS, parts []string, values map[string]string) (string, error) {
	parsed, err := text.New(path.Base(parts[0])).Option("missingkey=error").ParseFS(files, parts...)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("Subject: ")
	if err := parsed.ExecuteTemplate(&out, "subject", values); err != nil {
		return "", err
	}
	out.WriteString("\n\n")
	return finish(&out, parsed, values)
}

func htmls(files fs.FS, parts []string, values map[string]string) (string, error) {
	css := template.FuncMap{"css": style, "dark": darkStyle}
	parsed, err := template.New(path.Base(parts[0])).Option("missingkey=error").Funcs(css).ParseFS(files, parts...)
	if err != nil {
		return "", err
	}
	return finish(&strings.Builder{}, parsed, values)
}

func finish(out *strings.Builder, parsed interface{ Execute(io.Writer, any) error }, values map[string]string) (string, error) {
	err := parsed.Execute(out, values)
	return out.String(), err
}
