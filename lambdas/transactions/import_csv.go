package transactions

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
)

type csvImportResponse struct {
	Message  string        `json:"message"`
	Imported int           `json:"imported"`
	Failed   int           `json:"failed"`
	Errors   []string      `json:"errors,omitempty"`
	Summary  importSummary `json:"summary"`
}

// ImportCSV stores the rows of a file. A file counts as an import of the month when a row
// of it is new, once however often it is sent.
func (f *fileImport) ImportCSV(ctx context.Context, caller function.Caller, in csvRequest) (csvImportResponse, error) {
	until := f.now().Add(importTime)
	if len(in.Transactions) == 0 {
		return csvImportResponse{}, errNoRows
	}
	file, failed := in.file()
	summary := importSummary{Failed: len(failed)}
	if len(file.Rows) > 0 {
		if err := f.store(ctx, importing{caller, file, file.ID(), until}, &summary); err != nil {
			return csvImportResponse{}, err
		}
	}
	return csvImportResponse{
		Message: messageOf(summary), Imported: summary.Imported, Failed: summary.Failed, Errors: firstReasons(failed), Summary: summary,
	}, nil
}
