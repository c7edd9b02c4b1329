package transactions

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// StatementReader reads statements as they are uploaded. A statement is deleted once
// its job is settled: what was read is in the job, sealed.
var StatementReader = function.Define(function.Spec[*statementReader]{
	Name:    "transactions-statement-reader",
	Purpose: "Reads each uploaded bank statement and deletes it.",
	New: func(resources *function.Resources) (*statementReader, error) {
		return &statementReader{files: uploads.Open(resources, buckets.Statements), jobs: jobs.Open[statement](resources, statementJobs)}, nil
	},
	Events: []function.EventOf[*statementReader]{function.Uploads(buckets.Statements, (*statementReader).Read)},
	Permissions: function.Permissions{
		Buckets: []buckets.Grant{buckets.Statements.Allow(buckets.Read, buckets.Delete)},
	}.And(jobs.SettlePermissions),
	Timeout: time.Minute,
})

type statementReader struct {
	files interface {
		Read(ctx context.Context, key, userID string) ([]byte, error)
		Delete(ctx context.Context, key string) error
	}
	jobs interface {
		Settled(ctx context.Context, userID, id string) (bool, error)
		Finish(ctx context.Context, userID, id string, result statement) error
		Fail(ctx context.Context, userID, id, code string) error
	}
}

// Read settles the job of an uploaded statement and deletes the upload. Both may be
// done again.
func (r *statementReader) Read(ctx context.Context, upload function.Upload) error {
	userID, ok := uploads.Owner(upload.Key)
	if !ok {
		telemetry.FromContext(ctx).ErrorContext(ctx, "an upload has no key of ours", "size", upload.Size)
		return r.files.Delete(ctx, upload.Key)
	}
	err := r.settle(ctx, userID, upload.Key)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) { // of a deleted account, only the upload is left
		return err
	}
	return r.files.Delete(ctx, upload.Key)
}

// settle reads a statement, unless an earlier attempt has.
func (r *statementReader) settle(ctx context.Context, userID, key string) error {
	settled, err := r.jobs.Settled(ctx, userID, key)
	if err != nil || settled {
		return err
	}
	content, err := r.files.Read(ctx, key, userID)
	switch {
	case errors.Is(err, uploads.ErrNotFound):
		return r.jobs.Fail(ctx, userID, key, statementMissing)
	case errors.Is(err, uploads.ErrTooLarge):
		return r.jobs.Fail(ctx, userID, key, statementTooLarge)
	case err != nil:
		return err
	case !isPDF(content):
		return r.jobs.Fail(ctx, userID, key, statementNotPDF)
	}
	return r.jobs.Finish(ctx, userID, key, readStatement(content))
}

// maxPDFHeaderOffset is how far into a file readers look for the header.
// https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/pdfreference1.7old.pdf (appendix H, note 13)
const maxPDFHeaderOffset = 1024

func isPDF(content []byte) bool {
	return bytes.Contains(content[:min(len(content), maxPDFHeaderOffset)], []byte("%PDF-"))
}

// readStatement returns what is read of a PDF. The layout of no bank is known yet, which
// the app shows as "bank not supported yet".
func readStatement([]byte) statement { return statement{Transactions: []statementTransaction{}} }
