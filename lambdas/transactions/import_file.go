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

// ImportFiles imports the rows of CSV files and of bank statements.
var ImportFiles = function.Define(function.Spec[*fileImport]{
	Name:    "transactions-import",
	Purpose: "Imports the rows of a CSV file or a statement, each once, and leaves to a consumer what takes too long.",
	New:     newFileImport,
	Routes: []function.RouteOf[*fileImport]{
		function.SignedIn("POST /transactions/import-csv", (*fileImport).ImportCSV, function.BodyLimit(maxImportBody), importLimit),
		function.SignedIn("POST /transactions/import-statement", (*fileImport).ImportStatement, function.BodyLimit(maxImportBody), importLimit),
	},
	Permissions: importPermissions.And(categoryrules.ApplyPermissions).And(entitlement.Permissions).And(Imports.TakePermissions()).
		And(sealed.Permissions(tables.PendingImports, tables.PutItem)).
		And(sealed.Permissions(tables.Statements, tables.PutItem, tables.GetItem, tables.UpdateItem)).
		And(function.Permissions{Publishes: []*function.Topic{ImportPart.Topic}}),
	Timeout:  29 * time.Second,
	MemoryMB: 1769, // one whole CPU: 10,000 rows are read, hashed and sealed
})

// importLimit is far more than the quota allows: the same file may be sent again.
var importLimit = function.Limits(function.Limit{Requests: 20, Per: time.Minute})

// importPermissions are what an imports.Importer needs to write and to link.
var importPermissions = transactionstore.ListPermissions.And(transactionstore.ImportedPermissions).And(transactionstore.CreatePermissions).
	And(transactionstore.EditPermissions)

type fileImport struct {
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	imports interface {
		Take(ctx context.Context, user quota.User, subject string) (added bool, err error)
		GiveBack(ctx context.Context, user quota.User, subject string) error
	}
	importer *imports.Importer
	pending  *imports.Pending
	parts    interface {
		Publish(ctx context.Context, id string, part imports.Part) error
	}
	statements *sealed.Table[tables.Statement]
	now        func() time.Time
}

func newFileImport(resources *function.Resources) (*fileImport, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &fileImport{
		plans: plans, imports: quota.Open(resources, Imports), importer: openImporter(resources), pending: openPending(resources),
		parts: messaging.Open(resources, ImportPart), statements: sealed.Open[tables.Statement](resources, tables.Statements), now: time.Now,
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

// importing is a file that is being imported.
type importing struct {
	caller function.Caller
	file   imports.File
	// subject is what counts as one import of the month.
	subject string
	until   time.Time
}

// store imports what is new of a file, and adds it to the summary.
func (f *fileImport) store(ctx context.Context, of importing, summary *importSummary) error {
	plan, err := f.importer.Plan(ctx, of.caller.UserID, of.file)
	if err != nil {
		return err
	}
	summary.DuplicatesSkipped = plan.Duplicates
	summary.AutoCategorized, summary.KeywordCategorized = plan.ByRule, plan.ByKeyword
	written := imports.Written{}
	if len(plan.New) > 0 {
		if written, err = f.write(ctx, of, plan); err != nil {
			return err
		}
	}
	summary.Imported = written.Created + len(written.Left)
	summary.Pending = len(written.Left)
	summary.DuplicatesSkipped += written.Existed
	if len(written.Left) > 0 { // the last part links transfers
		return nil
	}
	return f.importer.LinkTransfers(ctx, of.caller.UserID, plan.From, plan.To)
}

// write takes an import and creates the transactions. What the time does not allow is
// saved in parts before the client gets its response. After an error that left nothing
// stored, this request gives back the import that it added. An import that another
// request took, or whose rows another request created, stays used.
func (f *fileImport) write(ctx context.Context, of importing, plan imports.Plan) (imports.Written, error) {
	entitled, err := f.plans.Of(ctx, of.caller)
	if err != nil {
		return imports.Written{}, err
	}
	user := quota.User{ID: of.caller.UserID, Plan: entitled.Plan}
	added, err := f.imports.Take(ctx, user, of.subject)
	if err != nil {
		return imports.Written{}, importsUsedUp(err)
	}
	written, err := f.importer.Write(ctx, user.ID, plan.New, of.until)
	if err == nil && len(written.Left) > 0 {
		err = f.leave(ctx, user.ID, of.file.ID(), plan, written)
	}
	if err != nil && added && written.Created+written.Existed == 0 {
		err = errors.Join(err, f.imports.GiveBack(ctx, user, of.subject))
	}
	return written, err
}

// leave saves what is left in parts and tells the consumer of each.
func (f *fileImport) leave(ctx context.Context, userID, importID string, plan imports.Plan, written imports.Written) error {
	parts, err := f.pending.Save(ctx, userID, importID, plan, written.Left)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := f.parts.Publish(ctx, part.ID(), part); err != nil {
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
