package statements_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/test/statementtest"
)

// browser prints the files of testdata/printed again:
//
//	go test ./lambdas/internal/statements -run Browser -browser /usr/bin/chromium
var browser = flag.String("browser", "", "Chromium, to print testdata/printed again")

// printedRows is how many transactions the printed statements have.
const printedRows = 25

// A browser kerns its fonts, embeds subsets of them and prints glyphs by number. The files are named by their banks and
// seeds.
func TestRead_PrintedByBrowser_EveryRowIsRight(t *testing.T) {
	if *browser != "" {
		printAll(t)
	}
	files := printed(t, "*")
	if len(files) == 0 {
		t.Fatal("no statement was printed")
	}
	for _, name := range files {
		made := madeOf(t, name)
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if wrong := difference(made, got); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

// printed returns the files of a bank that were printed.
func printed(t *testing.T, bank string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "printed", bank+"-[0-9]*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// madeOf returns the statement that a file was printed of.
func madeOf(t *testing.T, name string) statementtest.Statement {
	t.Helper()
	base := strings.TrimSuffix(filepath.Base(name), ".pdf")
	dash := strings.LastIndex(base, "-")
	seed, err := strconv.ParseUint(base[dash+1:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return statementtest.NewOfRows(base[:dash], seed, printedRows)
}

// printAll prints each file again, and one for each new bank.
func printAll(t *testing.T) {
	t.Helper()
	for _, bank := range statementtest.Banks() {
		files := printed(t, bank)
		if len(files) == 0 {
			files = []string{filepath.Join("testdata", "printed", bank+"-1000.pdf")}
		}
		for _, name := range files {
			printInBrowser(t, madeOf(t, name), name)
		}
	}
}

func printInBrowser(t *testing.T, made statementtest.Statement, name string) {
	t.Helper()
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte(made.HTML()), 0o600); err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, *browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--no-pdf-header-footer", "--print-to-pdf="+absolute, "file://"+page).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}
