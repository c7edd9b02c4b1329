package pdftext

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// The limits of a file. The longest statements of banks have about 100 pages with 5,000 characters each.
const (
	maxPages      = 250
	maxCharacters = 1_500_000
	// maxMemoryPages is the sandbox's memory in pages of 64 KB: 128 MB.
	maxMemoryPages = 2048
)

// The errors of Read.
var (
	// ErrEncrypted means that the file needs a password.
	ErrEncrypted = errors.New("the PDF needs a password")
	// ErrUnreadable means that the file is no PDF, a damaged one, or one that needs too much memory.
	ErrUnreadable = errors.New("the PDF cannot be read")
	// ErrTooLong means that the file has too many pages or characters.
	ErrTooLong = errors.New("the PDF is too long")
	// ErrNoText means that the pages have pictures only.
	ErrNoText = errors.New("the PDF has no text")
)

// Reader reads PDF files, one at a time. It is safe for concurrent use.
type Reader struct {
	sandboxes pdfium.Pool
}

// New returns a reader. It compiles PDFium, which takes 3 s of CPU, unless cacheDir has what an earlier call
// compiled on a processor of the same kind; then it takes 0.1 s. An empty cacheDir means no cache.
func New(cacheDir string) (*Reader, error) {
	config := wazero.NewRuntimeConfigCompiler().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithCloseOnContextDone(true).
		WithMemoryLimitPages(maxMemoryPages)
	if cacheDir != "" {
		compiled, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("open the cache of compiled PDFium: %w", err)
		}
		config = config.WithCompilationCache(compiled)
	}
	sandboxes, err := webassembly.Init(webassembly.Config{
		MinIdle: 0, MaxIdle: 0, MaxTotal: 1, RuntimeConfig: config,
		FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	return &Reader{sandboxes: sandboxes}, nil
}

// Close frees the memory of PDFium.
func (r *Reader) Close() error { return r.sandboxes.Close() }

// Read returns the pages of a file: a page of a statement takes 30 ms. It returns one of the package's errors for a file
// that cannot be read, and the cause of the context's end if the context ends before.
func (r *Reader) Read(ctx context.Context, content []byte) (pages []Page, err error) {
	sandbox, err := r.sandboxes.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("start a sandbox: %w", err)
	}
	keep := context.AfterFunc(ctx, func() { _ = sandbox.Kill() })
	defer func() {
		if trap := recover(); trap != nil {
			pages, err = nil, fmt.Errorf("%w: %v", ErrUnreadable, trap)
		}
		if running := keep(); running {
			_ = sandbox.Close()
		} else {
			pages, err = nil, context.Cause(ctx)
		}
	}()
	return readDocument(sandbox, content)
}

func readDocument(instance pdfium.Pdfium, content []byte) ([]Page, error) {
	document, err := instance.OpenDocument(&requests.OpenDocument{File: &content})
	if errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity) {
		return nil, ErrEncrypted
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	table, err := instance.FPDF_DocumentHasValidCrossReferenceTable(&requests.FPDF_DocumentHasValidCrossReferenceTable{Document: document.Document})
	if err != nil || !table.DocumentHasValidCrossReferenceTable { // PDFium would read the parts that it finds
		return nil, fmt.Errorf("%w: its table of objects is damaged: %w", ErrUnreadable, err)
	}
	count, err := instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: document.Document})
	if err != nil || count.PageCount == 0 {
		return nil, fmt.Errorf("%w: it has no pages: %w", ErrUnreadable, err)
	}
	if count.PageCount > maxPages {
		return nil, fmt.Errorf("%w: %d pages", ErrTooLong, count.PageCount)
	}
	return readPages(instance, document.Document, count.PageCount)
}

func readPages(instance pdfium.Pdfium, document references.FPDF_DOCUMENT, count int) ([]Page, error) {
	pages, characters := make([]Page, 0, count), 0
	for i := range count {
		page, n, err := readPage(instance, document, i, maxCharacters-characters)
		if err != nil {
			return nil, err
		}
		characters += n
		pages = append(pages, page)
	}
	if characters == 0 {
		return nil, ErrNoText
	}
	return pages, nil
}
