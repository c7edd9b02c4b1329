package statementreader

import (
	"bytes"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/statements"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

var (
	errNotPDF  = errors.New("the upload is no PDF")
	errTooLong = errors.New("the statement is too long")
	// errTooComplex is the cause of the end of a reading that takes too long.
	errTooComplex = errors.New("the statement takes too long to read")
	// errFault is returned for a statement by which the code panics. The statement is refused, because it would
	// panic again.
	errFault = errors.New("reading the statement panicked")
)

// refusals are the errors for which a statement is refused. Others may pass, so that the message comes again.
var refusals = []struct {
	err  error
	code string
}{
	{uploads.ErrNotFound, statementjob.NotFound},
	{uploads.ErrTooLarge, statementjob.TooLarge},
	{errNotPDF, statementjob.NotPDF},
	{pdftext.ErrEncrypted, statementjob.Encrypted},
	{pdftext.ErrNoText, statementjob.NoText},
	{pdftext.ErrTooLong, statementjob.TooLong},
	{errTooLong, statementjob.TooLong},
	{statements.ErrTooLong, statementjob.TooLong},
	{errTooComplex, statementjob.TooComplex},
	{pdftext.ErrUnreadable, statementjob.Unreadable},
	{errFault, statementjob.Unreadable},
	{statements.ErrUnproven, statementjob.Unproven},
}

// codeOf returns the code of the refusal, or nothing for another error.
func codeOf(err error) string {
	for _, refusal := range refusals {
		if errors.Is(err, refusal.err) {
			return refusal.code
		}
	}
	return ""
}

// maxHeaderOffset is how far into a file readers look for the header.
// https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/pdfreference1.7old.pdf (appendix H, note 13)
const maxHeaderOffset = 1024

func isPDF(content []byte) bool {
	return bytes.Contains(content[:min(len(content), maxHeaderOffset)], []byte("%PDF-"))
}
