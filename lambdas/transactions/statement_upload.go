package transactions

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// StatementUpload takes bank statements into the bucket.
var StatementUpload = function.Define(function.Spec[*statementUploads]{
	Name:    "transactions-statement-upload",
	Purpose: "Gives the caller a URL to upload one bank statement to.",
	New:     newStatementUploads,
	Routes: []function.RouteOf[*statementUploads]{
		function.SignedIn("POST /transactions/statement-upload-url", (*statementUploads).Create, uploadLimits),
	},
	Permissions: function.Permissions{
		Buckets: []buckets.Grant{buckets.Statements.Allow(buckets.Write)}, // the URL has the rights of its signer
	}.And(entitlement.Permissions).And(Imports.ReadPermissions()),
	Timeout: 15 * time.Second, // RevenueCat may take 5 s of it
})

// uploadLimits bound the files that one user has read: each may take the reader 20 s, and
// the reader reads few at once. Uploads alone take no import of the month.
var uploadLimits = function.Limits(
	function.Limit{Requests: 10, Per: time.Minute}, function.Limit{Requests: 60, Per: 24 * time.Hour},
)

type statementUploads struct {
	importUsage
	files interface {
		URL(ctx context.Context, userID string) (url, key string, err error)
	}
}

func newStatementUploads(resources *function.Resources) (*statementUploads, error) {
	usage, err := newImportUsage(resources)
	if err != nil {
		return nil, err
	}
	return &statementUploads{*usage, uploads.Open(resources, buckets.Statements)}, nil
}

// uploadURLResponse says where to upload, and what to ask for then.
type uploadURLResponse struct {
	UploadURL string `json:"uploadUrl"`
	Key       string `json:"key"`
}

// Create returns a URL for one upload, unless all imports of the month are used: the
// user learns so before the upload. Only Parse takes an import.
func (s *statementUploads) Create(ctx context.Context, caller function.Caller, _ function.NoInput) (uploadURLResponse, error) {
	_, usage, err := s.usage(ctx, caller)
	if err != nil {
		return uploadURLResponse{}, err
	}
	if usage.Remaining == 0 {
		return uploadURLResponse{}, importsUsedUp(&quota.UsedUpError{Quota: Imports.Name, Usage: usage})
	}
	url, key, err := s.files.URL(ctx, caller.UserID)
	return uploadURLResponse{UploadURL: url, Key: key}, err
}
