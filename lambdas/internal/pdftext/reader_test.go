package pdftext_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// reader reads the files of all tests: PDFium is compiled once.
var reader = sync.OnceValue(func() *pdftext.Reader {
	r, err := pdftext.New("")
	if err != nil {
		panic(err)
	}
	return r
})

// document returns a PDF of objects, whose numbers begin at 1. The first is the catalogue.
func document(trailer string, objects ...string) []byte {
	var file bytes.Buffer
	file.WriteString("%PDF-1.4\n")
	var offsets []int
	for i, object := range objects {
		offsets = append(offsets, file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return file.Bytes()
}

func stream(attributes, content string) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(content), attributes, content)
}

// onePage returns a PDF of one page with this content and the font F1.
func onePage(contentAttributes, content string, more ...string) []byte {
	return document("", append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> /XObject << /X 6 0 R >> >> /Contents 5 0 R >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		stream(contentAttributes, content),
	}, more...)...)
}

func texts(page pdftext.Page) string {
	var b strings.Builder
	for _, line := range page.Lines {
		for i, w := range line.Words {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(w.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestRead_Words_HaveTextAndPosition(t *testing.T) {
	file := onePage("", "BT /F1 10 Tf 100 700 Td (Paid out) Tj ET BT /F1 10 Tf 300 700 Td (1,234.56) Tj ET BT /F1 10 Tf 100 680 Td (\\2435) Tj ET")
	pages, err := reader().Read(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := texts(pages[0]), "Paid out 1,234.56\n£5\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	amount := pages[0].Lines[0].Words[2]
	if math.Abs(amount.Left-300) > 0.1 || math.Abs(amount.Right-338.92) > 0.1 {
		t.Errorf("the amount stands from %.2f to %.2f", amount.Left, amount.Right)
	}
	if line := pages[0].Lines[0]; line.Top > 142 || line.Bottom < 142 {
		t.Errorf("the line stands from %.2f to %.2f, its baseline at 142", line.Top, line.Bottom)
	}
}

func TestRead_PartsOfText_AreJoinedPartedAndKeptApart(t *testing.T) {
	for name, tc := range map[string]struct{ content, want string }{
		"an amount in two parts":   {"BT /F1 10 Tf 100 700 Td (1,903.1) Tj ET BT /F1 10 Tf 134.4 700 Td (8) Tj ET", "1,903.18\n"},
		"kerned letters":           {"BT /F1 10 Tf 100 700 Td [(P) 20 (aid) -20 (out)] TJ ET", "Paidout\n"},
		"words parted by kerning":  {"BT /F1 10 Tf 100 700 Td [(Paid) -400 (out)] TJ ET", "Paid out\n"},
		"texts that overlap":       {"BT /F1 10 Tf 100 700 Td (Column) Tj ET BT /F1 10 Tf 103 700 Td (Date) Tj ET", "Column Date\n"},
		"text printed from behind": {"BT /F1 10 Tf 200 700 Td (out) Tj ET BT /F1 10 Tf 100 700 Td (Paid) Tj ET", "Paid out\n"},
		"white text":               {"1 g BT /F1 10 Tf 100 700 Td (hidden) Tj ET 0 g BT /F1 10 Tf 200 700 Td (seen) Tj ET", "seen\n"},
	} {
		pages, err := reader().Read(context.Background(), onePage("", tc.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := texts(pages[0]); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestRead_FileWithoutText_IsRefusedByReason(t *testing.T) {
	encrypted := document("/ID [<00><00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <"+strings.Repeat("ab", 32)+"> /U <"+strings.Repeat("cd", 32)+"> >>",
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>")
	var kids strings.Builder
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", ""}
	for i := range 10_000 {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
		objects = append(objects, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")
	}
	objects[1] = "<< /Type /Pages /Count 10000 /Kids [" + kids.String() + "] >>"
	for name, tc := range map[string]struct {
		file []byte
		want error
	}{
		"empty":        {nil, pdftext.ErrUnreadable},
		"a text":       {[]byte("Dear customer"), pdftext.ErrUnreadable},
		"truncated":    {[]byte("%PDF-1.4\n1 0 obj <<"), pdftext.ErrUnreadable},
		"encrypted":    {encrypted, pdftext.ErrEncrypted},
		"scanned":      {onePage("", "0 0 100 100 re f"), pdftext.ErrNoText},
		"10,000 pages": {document("", objects...), pdftext.ErrTooLong},
		"a page tree that claims 1,000,000 pages": {document("", "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000 >>"), pdftext.ErrTooLong},
	} {
		if _, err := reader().Read(context.Background(), tc.file); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// bomb returns a page whose form prints the next form ten times, and so on: 10^9 texts.
func bomb() []byte {
	var forms []string
	for i := range 9 {
		content := strings.Repeat("/X Do ", 10)
		if i == 8 {
			content = "BT /F1 1 Tf (bomb) Tj ET"
		}
		forms = append(forms, stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 4 0 R >> /XObject << /X %d 0 R >> >>", 7+i), content))
	}
	return onePage("", "/X Do", forms...)
}

// compressed returns a page whose content is this many megabytes of operators, in few bytes.
func compressed(megabytes int) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	for range megabytes {
		_, _ = w.Write(bytes.Repeat([]byte("0 g 1 g "), 1<<17))
	}
	_ = w.Close()
	return onePage("/Filter /FlateDecode", packed.String())
}

// known are the errors that refuse a file: each has a code (package statementreader). Another would be tried again.
var known = []error{pdftext.ErrEncrypted, pdftext.ErrUnreadable, pdftext.ErrTooLong, pdftext.ErrNoText}

func isKnown(err error) bool {
	return slices.ContainsFunc(known, func(k error) bool { return errors.Is(err, k) })
}

// peakHeap returns by how much the heap grows at most while a function runs. Little of it is garbage.
func peakHeap(run func()) uint64 {
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	before, peak, ended := heap(), uint64(0), make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() {
		for {
			peak = max(peak, heap())
			select {
			case <-ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	run()
	close(ended)
	sampler.Wait()
	return peak - min(peak, before)
}

// A bomb ends in the context's time and in the sandbox's memory, three times: a sandbox grows by copying, before the copies of
// earlier times are collected.
func TestRead_Bombs_AreRefusedInBoundedTimeAndMemory(t *testing.T) {
	tooLong := errors.New("too long")
	pdfs := reader()
	for name, file := range map[string][]byte{"forms in forms": bomb(), "a compressed page of 400 MB": compressed(400)} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, tooLong)
		defer cancel()
		var err error
		if peak := peakHeap(func() { _, err = pdfs.Read(ctx, file) }); peak > 3*pdftext.MaxMemory {
			t.Errorf("%s takes %d MB", name, peak>>20)
		} else {
			t.Logf("%s takes %d MB: %.90s", name, peak>>20, err)
		}
		if !isKnown(err) && !errors.Is(err, tooLong) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := pdfs.Read(context.Background(), statementtest.New("chase", 1).PDF()); err != nil {
			t.Errorf("after %s, a statement: %v", name, err)
		}
	}
}

// The parts of a word may be as many as a file has characters.
func TestLinesOf_WordInManyParts_IsJoinedInLinearSpace(t *testing.T) {
	const parts = 100_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	lines := pdftext.LinesFromBehind(parts)
	runtime.ReadMemStats(&after)
	if len(lines) != 1 || len(lines[0].Words) != 1 || len(lines[0].Words[0].Text) != parts {
		t.Fatalf("got %d lines", len(lines))
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1_000*parts {
		t.Errorf("%d bytes allocated", allocated)
	}
}

func TestRead_ContextEnds_ReturnsItsCause(t *testing.T) {
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(ended) })
	if _, err := reader().Read(ctx, bomb()); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
}

// JavaScript and actions are not run: the sandbox has nothing that runs them.
func TestRead_JavaScript_IsIgnored(t *testing.T) {
	file := document("", "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while\\(true\\){}) >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", stream("", "BT /F1 10 Tf 100 700 Td (text) Tj ET"))
	pages, err := reader().Read(context.Background(), file)
	if err != nil || texts(pages[0]) != "text\n" {
		t.Errorf("got %v, %v", pages, err)
	}
}

// Damaged files are read or refused with an error of the package.
func TestRead_DamagedFiles_AreReadOrRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 80 {
		file := statementtest.NewOfRows(statementtest.Banks()[i%len(statementtest.Banks())], uint64(i), 10).PDF()
		file = statementtest.Damage(random, file)
		if _, err := reader().Read(context.Background(), file); err != nil && !isKnown(err) {
			t.Errorf("file %d: %v", i, err)
		}
	}
}
