package transactions

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// StatementUpload takes bank statements into the bucket.
var StatementUpload = function.Define(function.Spec[*statementUploads]{
	Name:    "transactions-statement-upload",
	Purpose: "Gives the caller a URL to upload one bank statement to.",
	New: func(resources *function.Resources) (*statementUploads, error) {
		return &statementUploads{files: uploads.Open(resources, buckets.Statements)}, nil
	},
	Routes: []function.RouteOf[*statementUploads]{
		function.SignedIn("POST /transactions/statement-upload-url", (*statementUploads).Create),
	},
	Permissions: function.Permissions{
		Buckets: []buckets.Grant{buckets.Statements.Allow(buckets.Write)}, // the URL has the rights of its signer
	},
})

type statementUploads struct {
	files interface {
		URL(ctx context.Context, userID string) (url, key string, err error)
	}
}

// uploadURLResponse says where to upload, and what to ask for then.
type uploadURLResponse struct {
	UploadURL string `json:"uploadUrl"`
	Key       string `json:"key"`
}

// Create returns a URL for one upload.
func (s *statementUploads) Create(ctx context.Context, caller function.Caller, _ function.NoInput) (uploadURLResponse, error) {
	url, key, err := s.files.URL(ctx, caller.UserID)
	return uploadURLResponse{UploadURL: url, Key: key}, err
}
