package transactions

import (
	"context"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Repair compares the monthly figures of a user with the user's transactions, for an
// operator (docs/runbooks/transactions.md). It cannot read a text of the user.
var Repair = function.Define(function.Spec[*repair]{
	Name:    "transactions-repair",
	Purpose: "Counts the transactions of a user for an operator, reports figures that differ, and corrects them on demand.",
	New: func(resources *function.Resources) (*repair, error) {
		return &repair{transactionstore.OpenWithoutKey(resources)}, nil
	},
	Events:      []function.EventOf[*repair]{function.Command("repair-figures", (*repair).Run)},
	Permissions: transactionstore.RepairPermissions,
	Timeout:     5 * time.Minute,
})

type repair struct {
	figures interface {
		Repair(ctx context.Context, userID string, correct bool) ([]transactionstore.Difference, error)
	}
}

var errBadCommand = apierror.New(http.StatusBadRequest, "BAD_COMMAND", `The command needs "userId", the id of a user.`)

// repairRequest names the user by id. Without Correct, differences are only reported.
type repairRequest struct {
	UserID  string `json:"userId"`
	Correct bool   `json:"correct"`
}

type repairResponse struct {
	Differences function.List[transactionstore.Difference] `json:"differences"`
	Corrected   bool                                       `json:"corrected"`
}

// Run compares the figures of a user, and corrects them if it is to.
func (r *repair) Run(ctx context.Context, in repairRequest) (repairResponse, error) {
	if in.UserID == "" {
		return repairResponse{}, errBadCommand
	}
	found, err := r.figures.Repair(ctx, in.UserID, in.Correct)
	if len(found) > 0 {
		telemetry.FromContext(ctx).WarnContext(ctx, "figures differ from transactions", "differences", len(found), "corrected", in.Correct && err == nil)
	}
	return repairResponse{found, in.Correct && err == nil && len(found) > 0}, err
}
