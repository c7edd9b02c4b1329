package statementreader

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// Read reads statements as they are uploaded. A statement is deleted once its job is settled: what was read is in
// the job, sealed.
var Read = function.Define(function.Spec[*reader]{
	Name:    "statement-reader",
	Purpose: "Reads each uploaded bank statement and deletes it.",
	New: func(resources *function.Resources) (*reader, error) {
		r := &reader{files: uploads.Open(resources, buckets.Statements), jobs: statementjob.Open(resources)}
		resources.OnInit(r.compile)
		return r, nil
	},
	Events: []function.EventOf[*reader]{function.Uploads(buckets.Statements, (*reader).Read)},
	Permissions: function.Permissions{
		Buckets: []buckets.Grant{buckets.Statements.Allow(buckets.Read, buckets.Delete)},
	}.And(jobs.SettlePermissions),
	Timeout:  time.Minute, // a file takes maxTime at most
	MemoryMB: 1769,        // one whole CPU, for the start: docs/decisions/0023-statement-reader.md
})

type reader struct {
	files interface {
		Read(ctx context.Context, key, userID string) ([]byte, error)
		Delete(ctx context.Context, key string) error
	}
	jobs interface {
		Settled(ctx context.Context, userID, id string) (bool, error)
		Finish(ctx context.Context, userID, id string, source erasure.Source, result statementjob.Statement) error
		Fail(ctx context.Context, userID, id string, source erasure.Source, code string) error
	}
	pdfs interface {
		Read(ctx context.Context, content []byte) ([]pdftext.Page, error)
	}
}

// maxHeap is from where on the garbage collector works hard, in bytes. PDFium takes 350 MB when it is compiled, and
// a file 128 MB at most (package pdftext), of which garbage may keep twice as much.
const maxHeap = 1 << 30

// compile makes PDFium ready, before the first upload comes.
func (r *reader) compile(context.Context) error {
	debug.SetMemoryLimit(maxHeap)
	pdfs, err := pdftext.New("")
	if err != nil {
		return err
	}
	r.pdfs = pdfs
	return nil
}

// maxTime bounds the reading of a file. The rest of the function's time is left to settle the job. Tests change it.
var maxTime = 40 * time.Second

// Read settles the job of an uploaded statement and deletes the upload. Both may be done again. Of an upload from
// before an erasure of the user's data, it stores nothing.
func (r *reader) Read(ctx context.Context, upload function.Upload) error {
	userID, ok := uploads.Owner(upload.Key)
	if !ok {
		telemetry.FromContext(ctx).ErrorContext(ctx, "an upload has no key of ours", "size", upload.Size)
		return r.files.Delete(ctx, upload.Key)
	}
	err := r.settle(ctx, userID, upload)
	if err != nil && !errors.Is(err, accounts.ErrNotFound) { // of a deleted account, only the upload is left
		return err
	}
	return r.files.Delete(ctx, upload.Key)
}

// settle reads a statement, unless an earlier attempt has.
func (r *reader) settle(ctx context.Context, userID string, upload function.Upload) error {
	key, source := upload.Key, erasure.CausedAt(upload.At.UnixMilli())
	settled, err := r.jobs.Settled(ctx, userID, key)
	if err != nil || settled {
		return err
	}
	statement, err := r.read(ctx, userID, key)
	if err == nil {
		err = r.jobs.Finish(ctx, userID, key, source, statement)
	}
	if errors.Is(err, store.ErrTooLarge) {
		err = fmt.Errorf("%w: the result does not fit its item", errTooLong)
	}
	code := codeOf(err)
	if code == "" {
		return err
	}
	telemetry.FromContext(ctx).WarnContext(ctx, "statement refused", "code", code, "cause", err.Error())
	return r.jobs.Fail(ctx, userID, key, source, code)
}

// read returns what a user's statement says.
func (r *reader) read(ctx context.Context, userID, key string) (statement statementjob.Statement, err error) {
	content, err := r.files.Read(ctx, key, userID)
	if err != nil {
		return statement, err
	}
	if !isPDF(content) {
		return statement, errNotPDF
	}
	limited, cancel := context.WithTimeoutCause(ctx, maxTime, errTooComplex)
	defer cancel()
	pages, err := r.pdfs.Read(limited, content)
	if err != nil {
		return statement, err
	}
	return statementOf(limited, pages)
}
