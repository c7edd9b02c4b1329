package transactions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ImportPart has a message for each part of an import that did not fit the time of its
// request.
var ImportPart = function.NewTopic[imports.Part]("import-part", "A part of an import is stored and is to be written.")

const (
	// maxImportBody is the largest body of an import: with the quotes that API Gateway
	// escapes, it stays below the 6 MB that a function takes.
	maxImportBody = 5 << 20
	// importTime is how long a request writes. The API waits 30 s, the plan of the user
	// may take 5 s, and linking transfers and saving the rest take some.
	importTime = 18 * time.Second
)

// ImportCSV imports the rows of CSV files.
var ImportCSV = function.Define(function.Spec[*csvImport]{
	Name:    "transactions-import-csv",
	Purpose: "Imports the rows of a CSV file, each once, and leaves to a consumer what takes too long.",
	New:     newCSVImport,
	Routes: []function.RouteOf[*csvImport]{
		function.SignedIn("POST /transactions/import-csv", (*csvImport).Import, function.BodyLimit(maxImportBody),
			function.Limits(function.Limit{Requests: 20, Per: time.Minute})),
	},
	Permissions: importPermissions.And(categoryrules.ApplyPermissions).And(entitlement.Permissions).And(Imports.TakePermissions()).
		And(sealed.Permissions(tables.PendingImports, tables.PutItem)).
		And(function.Permissions{Publishes: []*function.Topic{ImportPart.Topic}}),
	Timeout:  29 * time.Second,
	MemoryMB: 1769, // one whole CPU: 10,000 rows are read, hashed and sealed
})

// importPermissions are what an imports.Importer needs to write and to link.
var importPermissions = transactionstore.ListPermissions.And(transactionstore.ImportedPermissions).And(transactionstore.CreatePermissions).
	And(transactionstore.EditPermissions)

type csvImport struct {
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	imports interface {
		Take(ctx context.Context, user quota.User, subject string) error
		GiveBack(ctx context.Context, user quota.User, subject string) error
	}
	importer *imports.Importer
	pending  *imports.Pending
	parts    interface {
		Publish(ctx context.Context, id string, part imports.Part) error
	}
	now func() time.Time
}

func newCSVImport(resources *function.Resources) (*csvImport, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &csvImport{
		plans: plans, imports: quota.Open(resources, Imports), importer: openImporter(resources), pending: openPending(resources),
		parts: messaging.Open(resources, ImportPart), now: time.Now,
	}, nil
}

func openImporter(resources *function.Resources) *imports.Importer {
	return imports.New(transactionstore.Open(resources), categoryrules.Open(resources), time.Now)
}

func openPending(resources *function.Resources) *imports.Pending {
	return imports.NewPending(sealed.Open[tables.PendingImport](resources, tables.PendingImports),
		store.Open[store.SealedItem](resources, tables.PendingImports), time.Now)
}

// importSummary says what became of the rows: Imported, Failed and DuplicatesSkipped add
// up to the rows of the request. Pending is how many of those imported are stored and
// appear a little later.
type importSummary struct {
	Imported           int `json:"imported"`
	Failed             int `json:"failed"`
	DuplicatesSkipped  int `json:"duplicatesSkipped"`
	Pending            int `json:"pending,omitempty"`
	AutoCategorized    int `json:"autoCategorized"`
	KeywordCategorized int `json:"keywordCategorized"`
	AICategorized      int `json:"aiCategorized"`
}

type csvImportResponse struct {
	Message  string        `json:"message"`
	Imported int           `json:"imported"`
	Failed   int           `json:"failed"`
	Errors   []string      `json:"errors,omitempty"`
	Summary  importSummary `json:"summary"`
}

// Import stores the rows of a file. A file counts as an import of the month when a row
// of it is new, once however often it is sent.
func (c *csvImport) Import(ctx context.Context, caller function.Caller, in csvRequest) (csvImportResponse, error) {
	until := c.now().Add(importTime)
	if len(in.Transactions) == 0 {
		return csvImportResponse{}, errNoRows
	}
	file, failed := in.file()
	summary := importSummary{Failed: len(failed)}
	if len(file.Rows) > 0 {
		if err := c.store(ctx, caller, file, until, &summary); err != nil {
			return csvImportResponse{}, err
		}
	}
	return csvImportResponse{
		Message: messageOf(summary), Imported: summary.Imported, Failed: summary.Failed, Errors: firstReasons(failed), Summary: summary,
	}, nil
}

// store imports what is new of a file.
func (c *csvImport) store(ctx context.Context, caller function.Caller, file imports.File, until time.Time, summary *importSummary) error {
	plan, err := c.importer.Plan(ctx, caller.UserID, file)
	if err != nil {
		return err
	}
	summary.DuplicatesSkipped = plan.Duplicates
	summary.AutoCategorized, summary.KeywordCategorized = plan.ByRule, plan.ByKeyword
	written := imports.Written{}
	if len(plan.New) > 0 {
		if written, err = c.write(ctx, caller, file.ID(), plan, until); err != nil {
			return err
		}
	}
	summary.Imported = written.Created + len(written.Left)
	summary.Pending = len(written.Left)
	summary.DuplicatesSkipped += written.Existed
	if len(written.Left) > 0 { // the last part links transfers
		return nil
	}
	return c.importer.LinkTransfers(ctx, caller.UserID, plan.From, plan.To)
}

// write takes an import and creates the transactions. What the time does not allow is
// saved in parts before the client gets its response. When nothing was created, the
// import is given back.
func (c *csvImport) write(ctx context.Context, caller function.Caller, importID string, plan imports.Plan, until time.Time) (imports.Written, error) {
	entitled, err := c.plans.Of(ctx, caller)
	if err != nil {
		return imports.Written{}, err
	}
	user := quota.User{ID: caller.UserID, Plan: entitled.Plan}
	if err := c.imports.Take(ctx, user, importID); err != nil {
		return imports.Written{}, importsUsedUp(err)
	}
	written, err := c.importer.Write(ctx, caller.UserID, plan.New, until)
	if err == nil && len(written.Left) > 0 {
		err = c.leave(ctx, caller.UserID, importID, plan, written)
	}
	if written.Created == 0 && (err != nil || len(written.Left) == 0) {
		err = errors.Join(err, c.imports.GiveBack(ctx, user, importID))
	}
	return written, err
}

// leave saves what is left in parts and tells the consumer of each.
func (c *csvImport) leave(ctx context.Context, userID, importID string, plan imports.Plan, written imports.Written) error {
	parts, err := c.pending.Save(ctx, userID, importID, plan, written.Left)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := c.parts.Publish(ctx, part.ID(), part); err != nil {
			return err
		}
	}
	return nil
}

func messageOf(s importSummary) string {
	switch {
	case s.Imported == 0 && s.Failed == 0:
		return "All transactions of this file are imported already."
	case s.Pending > 0:
		return fmt.Sprintf("%d transactions are imported. The last %d of them appear within a few minutes.", s.Imported, s.Pending)
	}
	return fmt.Sprintf("%d transactions are imported.", s.Imported)
}
