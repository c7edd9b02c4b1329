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
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
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
		Take(ctx context.Context, user quota.User, subject string) (added bool, err error)
		GiveBack(ctx context.Context, user quota.User, subject string) error
	}
	jobs interface {
		Get(ctx context.Context, userID, id string) (statementjob.Statement, error)
		Await(ctx context.Context, userID, id string) (statementjob.Statement, error)
		Hash(ctx context.Context, userID, purpose string, parts ...string) (string, error)
	}
}

func newStatements(resources *function.Resources) (*statements, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &statements{plans: plans, imports: quota.Open(resources, Imports), jobs: statementjob.Open(resources)}, nil
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
	Statement    statementMetadata                       `json:"statement"`
	Transactions function.List[statementjob.Transaction] `json:"transactions"`
}

var (
	errNoStatement = refusal(statementjob.NotFound, "There is no such statement. Please upload it again.")
	errNotRead     = refusal("STATEMENT_NOT_READ", "The statement is not read yet. Please try again in a minute.")
	// unreadable are the responses to statements that cannot be read, by the code of the job.
	unreadable = map[string]*apierror.Error{
		statementjob.NotFound:   errNoStatement,
		statementjob.TooLarge:   refusal(statementjob.TooLarge, "The file is too large. A statement may have 8 MB."),
		statementjob.NotPDF:     refusal(statementjob.NotPDF, "The file is not a PDF."),
		statementjob.Encrypted:  refusal(statementjob.Encrypted, "The PDF is protected by a password. Please save it without one and upload it again."),
		statementjob.NoText:     refusal(statementjob.NoText, "The pages of the PDF are pictures. Please download the statement from your bank in place of a scan."),
		statementjob.TooLong:    refusal(statementjob.TooLong, "The statement is too long. Please upload one for a shorter period."),
		statementjob.TooComplex: refusal(statementjob.TooComplex, "The PDF takes too long to read."),
		statementjob.Unreadable: refusal(statementjob.Unreadable, "The PDF is damaged."),
		statementjob.Unproven:   refusal(statementjob.Unproven, "The transactions that we read do not add up to the balances of the statement. We do not import what may be wrong."),
	}
)

func refusal(code, message string) *apierror.Error {
	return apierror.New(http.StatusUnprocessableEntity, code, message)
}

// Parse returns the transactions of an uploaded statement. A statement with transactions
// counts as an import, once however often it is asked for or uploaded.
func (s *statements) Parse(ctx context.Context, caller function.Caller, in parseRequest) (parseResponse, error) {
	if owner, ok := uploads.Owner(in.Key); !ok || owner != caller.UserID {
		return parseResponse{}, errNoStatement
	}
	plan, err := s.plans.Of(ctx, caller)
	if err != nil {
		return parseResponse{}, err
	}
	user := quota.User{ID: caller.UserID, Plan: plan.Plan}
	read, err := s.await(ctx, user, in.Key)
	if err == nil && len(read.Transactions) > 0 {
		err = s.take(ctx, user, read)
	}
	if err != nil {
		return parseResponse{}, err
	}
	return parseResponse{
		Statement:    statementMetadata{read.Issuer, read.AccountIdentifier, read.PeriodStart, read.PeriodEnd, in.Filename},
		Transactions: read.Transactions, // an empty list shows that the bank is not supported
	}, nil
}

// await returns what was read of an upload. An import is held while a statement is read,
// so that a user waits for no more statements at once than are left.
func (s *statements) await(ctx context.Context, user quota.User, key string) (statementjob.Statement, error) {
	read, err := s.jobs.Get(ctx, user.ID, key)
	if !errors.Is(err, jobs.ErrPending) {
		return read, asAPIError(err)
	}
	if _, err := s.imports.Take(ctx, user, key); err != nil {
		return read, importsUsedUp(err)
	}
	read, err = s.jobs.Await(ctx, user.ID, key)
	return read, errors.Join(asAPIError(err), s.imports.GiveBack(ctx, user, key))
}

// take takes an import for a statement, by what Import takes it for.
func (s *statements) take(ctx context.Context, user quota.User, read statementjob.Statement) error {
	id, err := s.jobs.Hash(ctx, user.ID, statementjob.HashPurpose, read.Identity().Parts()...)
	if err != nil {
		return err
	}
	_, err = s.imports.Take(ctx, user, id)
	return importsUsedUp(err)
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
