package transactions

import (
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:  "transactions",
	Stack: function.StackTransactions,
	Functions: []*function.Function{
		List, Get, Edit, Summary, Repair, Changes,
		Similar, Bulk, ImportFiles, ImportParts,
		ImportUsage, StatementUpload, ParseStatement,
	},
}

// Imports is how many files a user may import in a month: CSV files and PDF statements
// together. Its subjects are the ids of files.
var Imports = quota.Monthly("imports", quota.Limits{Free: 4, Premium: 15})
