// Package pdftext returns the words of a PDF file with their positions.
//
//	reader, err := pdftext.New(cacheDir)
//	pages, err := reader.Read(ctx, content)
//	for _, line := range pages[0].Lines {
//		// line.Words, from left to right
//	}
//
// The file is read by PDFium in a WebAssembly sandbox that has no files, no network and a limit of memory. Each
// file gets a sandbox of its own, so a file that breaks PDFium affects no other.
package pdftext
