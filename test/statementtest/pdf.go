package statementtest

import (
	"bytes"
	"fmt"
	"strings"
)

// PDF returns the statement as a PDF 1.4 file in Helvetica.
// https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/pdfreference1.7old.pdf
func (s Statement) PDF() []byte {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"", // the pages, known last
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var kids strings.Builder
	for _, page := range s.Pages {
		content := page.content()
		objects = append(objects, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>",
			page.Width, page.Height, len(objects)))
		fmt.Fprintf(&kids, "%d 0 R ", len(objects))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(s.Pages))
	return write(objects)
}

// write joins the objects, whose numbers begin at 1, with their cross-reference table.
func write(objects []string) []byte {
	var file bytes.Buffer
	file.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = file.Len()
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return file.Bytes()
}

// content returns the page's operators. PDF measures from the lower left corner.
func (p Page) content() string {
	var b strings.Builder
	for _, run := range p.Runs {
		grey := 0
		if run.White {
			grey = 1
		}
		fmt.Fprintf(&b, "%d g BT /F1 %g Tf %.3f %.3f Td (%s) Tj ET\n", grey, run.Size, run.X, p.Height-run.Y, winAnsi(run.Text))
	}
	return b.String()
}

var winAnsiEscapes = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\u00a3", `\243`, "\u20ac", `\200`)

// winAnsi returns a text as a PDF string in the encoding of Windows.
func winAnsi(text string) string { return winAnsiEscapes.Replace(text) }
