package statements_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
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

// A browser kerns its fonts, embeds subsets of them and prints glyphs by number.
func TestRead_PrintedByBrowser_EveryRowIsRight(t *testing.T) {
	for i, bank := range statementtest.Banks() {
		made := statementtest.NewOfRows(bank, uint64(1000+i), printedRows)
		name := filepath.Join("testdata", "printed", bank+".pdf")
		if *browser != "" {
			printInBrowser(t, made, name)
		}
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t, file)
		if err != nil {
			t.Errorf("%s: %v", bank, err)
			continue
		}
		if wrong := difference(made, got); wrong != "" {
			t.Errorf("%s: %s", bank, wrong)
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
