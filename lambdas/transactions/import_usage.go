package transactions

import (
	"context"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ImportUsage shows how many imports are left.
var ImportUsage = function.Define(function.Spec[*importUsage]{
	Name:    "transactions-import-usage",
	Purpose: "Tells the caller how many imports of this month are used and how many are left.",
	New:     newImportUsage,
	Routes: []function.RouteOf[*importUsage]{
		function.SignedIn("GET /transactions/import-usage", (*importUsage).Get),
	},
	Permissions: entitlement.Permissions.And(Imports.ReadPermissions()),
	Timeout:     15 * time.Second, // RevenueCat may take 5 s of it
})

type importUsage struct {
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	imports interface {
		Usage(ctx context.Context, user quota.User) (quota.Usage, error)
	}
}

func newImportUsage(env *function.Resources) (*importUsage, error) {
	plans, err := entitlement.Open(env)
	if err != nil {
		return nil, err
	}
	return &importUsage{plans: plans, imports: quota.Open(env, Imports)}, nil
}

// importUsageResponse is the quota as the app's import screens read it.
type importUsageResponse struct {
	Tier         string        `json:"tier"`
	Period       string        `json:"period"`
	Used         int           `json:"used"`
	Limit        int           `json:"limit"`
	Remaining    int           `json:"remaining"`
	Allowed      bool          `json:"allowed"`
	FreeLimit    int           `json:"freeLimit"`
	PremiumLimit int           `json:"premiumLimit"`
	ResetsAt     dates.Instant `json:"resetsAt"`
}

// Get returns the caller's use of the imports of this month.
func (i *importUsage) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (importUsageResponse, error) {
	plan, usage, err := i.usage(ctx, caller)
	if err != nil {
		return importUsageResponse{}, err
	}
	return importUsageResponse{
		Tier:         strings.ToUpper(string(plan)),
		Period:       usage.Period,
		Used:         usage.Used,
		Limit:        usage.Limit,
		Remaining:    usage.Remaining,
		Allowed:      usage.Remaining > 0,
		FreeLimit:    Imports.Limits.Free,
		PremiumLimit: Imports.Limits.Premium,
		ResetsAt:     dates.Seconds(usage.ResetsAt.UnixMilli()),
	}, nil
}

// usage returns the caller's plan and use of the imports of this month.
func (i *importUsage) usage(ctx context.Context, caller function.Caller) (tables.Plan, quota.Usage, error) {
	plan, err := i.plans.Of(ctx, caller)
	if err != nil {
		return "", quota.Usage{}, err
	}
	usage, err := i.imports.Usage(ctx, quota.User{ID: caller.UserID, Plan: plan.Plan})
	return plan.Plan, usage, err
}
