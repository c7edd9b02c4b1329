package transactions

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/uploads"
)

// ParseStatement shows what was read of a statement.
var ParseStatement = function.Define(function.Spec[*statements]{
	Name:    "transactions-parse-statement",
	Purpose: "Waits until an uploaded statement is read and returns its transactions.",
	New:     newStatements,
	Routes: []function.RouteOf[*statements]{
		function.SignedIn("POST /transactions/parse-statement", (*statements).Parse),
	},
	Permissions: entitlement.Permissions.And(Imports.TakePermissions()).And(jobs.AwaitPermissions),
	Timeout:     29 * time.Second, // the API waits 30 s; the client asks again after 90
})

type statements struct {
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	imports interface {
		Take(ctx context.Context, user quota.User, subject string) error
		GiveBack(ctx context.Context, user quota.User, subject string) error
	}
	jobs interface {
		Await(ctx context.Context, userID, id string) (statement, error)
	}
}

func newStatements(resources *function.Resources) (*statements, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &statements{plans: plans, imports: quota.Open(resources, Imports), jobs: jobs.Open[statement](resources, statementJobs)}, nil
}

// parseRequest names the upload, by the key that came with its URL.
type parseRequest struct {
	Key      string  `json:"s3Key" validate:"required,max=200,plaintext"`
	Filename *string `json:"filename" validate:"omitempty,max=255,plaintext"`
}

type statementMetadata struct {
	Issuer            *string `json:"issuer"`
	AccountIdentifier *string `json:"accountIdentifier"`
	PeriodStart       *string `json:"periodStart"`
	PeriodEnd         *string `json:"periodEnd"`
	Filename          *string `json:"filename"`
}

type parseResponse struct {
	Statement    statementMetadata                   `json:"statement"`
	Transactions function.List[statementTransaction] `json:"transactions"`
}

var (
	errNoStatement = apierror.New(http.StatusUnprocessableEntity, statementMissing, "There is no such statement. Please upload it again.")
	errNotRead     = apierror.New(http.StatusUnprocessableEntity, "STATEMENT_NOT_READ", "The statement is not read yet. Please try again in a minute.")
	// unreadable are the responses to statements that cannot be read, by the code of the job.
	unreadable = map[string]*apierror.Error{
		statementMissing:  errNoStatement,
		statementTooLarge: apierror.New(http.StatusUnprocessableEntity, statementTooLarge, "The file is too large. A statement may have 8 MB."),
		statementNotPDF:   apierror.New(http.StatusUnprocessableEntity, statementNotPDF, "The file is not a PDF."),
	}
)

// Parse returns the transactions of an uploaded statement. A statement with transactions
// counts as an import, once however often it is asked for; the import is held while the
// statement is read, so that a user reads no more statements at once than are left.
func (s *statements) Parse(ctx context.Context, caller function.Caller, in parseRequest) (parseResponse, error) {
	if owner, ok := uploads.Owner(in.Key); !ok || owner != caller.UserID {
		return parseResponse{}, errNoStatement
	}
	plan, err := s.plans.Of(ctx, caller)
	if err != nil {
		return parseResponse{}, err
	}
	user := quota.User{ID: caller.UserID, Plan: plan.Plan}
	if err := s.imports.Take(ctx, user, in.Key); err != nil {
		return parseResponse{}, importsUsedUp(err)
	}
	read, err := s.jobs.Await(ctx, caller.UserID, in.Key)
	if err != nil || len(read.Transactions) == 0 {
		err = errors.Join(asAPIError(err), s.imports.GiveBack(ctx, user, in.Key))
	}
	if err != nil {
		return parseResponse{}, err
	}
	return parseResponse{
		Statement:    statementMetadata{read.Issuer, read.AccountIdentifier, read.PeriodStart, read.PeriodEnd, in.Filename},
		Transactions: read.Transactions, // an empty list shows that the bank is not supported
	}, nil
}

// importsUsedUp returns the response to a user without imports, and any other error as it
// is.
func importsUsedUp(err error) error {
	return quota.AsAPIError(err, "IMPORT_LIMIT_REACHED", "You have used all imports of this month.")
}

// asAPIError returns the response to a statement whose job is not finished.
func asAPIError(err error) error {
	var failed *jobs.FailedError
	switch {
	case errors.Is(err, jobs.ErrPending):
		return errNotRead.Because(err)
	case errors.As(err, &failed) && unreadable[failed.Code] != nil:
		return unreadable[failed.Code].Because(err)
	}
	return err
}
