package repotest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A link within the repository leads to an existing file or folder, and its anchor to a
// heading.
func TestPages_Links_HaveTargets(t *testing.T) {
	code := regexp.MustCompile("(?s)```.*?```")
	link := regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]+))?\)`)
	links := 0
	for _, page := range markdown(t) {
		for _, match := range link.FindAllStringSubmatch(code.ReplaceAllString(string(MustRead(t, page)), ""), -1) {
			if strings.Contains(match[1], ":") { // an external link
				continue
			}
			links++
			target := page
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(page), match[1])
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, match[1])
				continue
			}
			if match[2] != "" && !anchors(string(MustRead(t, target)))[match[2]] {
				t.Errorf("%s links to %s#%s, and there is no such heading", page, match[1], match[2])
			}
		}
	}
	if links < 50 {
		t.Errorf("%d links: the pages, or this test, have lost them", links)
	}
}

// A Go file that a page names with its folder exists. The folder may be left out in part, as in
// bootstrap/main.go. A page may name the file of an example that it shows.
func TestPages_NamedGoFiles_Exist(t *testing.T) {
	var files []string
	walk(t, ".go", func(path string) { files = append(files, "/"+path) })
	code := regexp.MustCompile("(?s)```.*?```")
	named := regexp.MustCompile("`((?:[\\w.-]+/)+[\\w.-]+\\.go)`")
	count := 0
	for _, page := range markdown(t) {
		text := string(MustRead(t, page))
		shown := strings.Join(code.FindAllString(text, -1), "\n")
		for _, match := range named.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			file := match[1]
			if strings.Contains(file, "STAGE") || strings.Contains(shown, "// "+file+"\n") {
				continue
			}
			count++
			if !slices.ContainsFunc(files, func(path string) bool { return strings.HasSuffix(path, "/"+file) }) {
				t.Errorf("%s names %s, which does not exist", page, file)
			}
		}
	}
	if count < 50 {
		t.Errorf("%d Go files are named: the pages, or this test, have lost them", count)
	}
}

// anchors returns GitHub's anchors of a page's headings.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names[strings.ReplaceAll(name, " ", "-")] = true
	}
	return names
}
