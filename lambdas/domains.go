// Package lambdas lists the backend's domains. Each is a folder beside this
// file with its declarations, its use cases and its main package.
package lambdas

import (
	"github.com/expenzez/infrastructure/lambdas/achievements"
	"github.com/expenzez/infrastructure/lambdas/ai"
	"github.com/expenzez/infrastructure/lambdas/alerts"
	"github.com/expenzez/infrastructure/lambdas/applock"
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/bills"
	"github.com/expenzez/infrastructure/lambdas/briefs"
	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/credit"
	"github.com/expenzez/infrastructure/lambdas/customauth"
	"github.com/expenzez/infrastructure/lambdas/devices"
	"github.com/expenzez/infrastructure/lambdas/errorreports"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/health"
	"github.com/expenzez/infrastructure/lambdas/insights"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/pretokengeneration"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/lambdas/statementreader"
	"github.com/expenzez/infrastructure/lambdas/subscription"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// Domains returns every domain of the backend. Package stacks builds each domain in
// the stack that it names; tests and dashboards read the same list.
func Domains() []function.Domain {
	return []function.Domain{
		health.Domain,
		errorreports.Domain,
		customauth.Domain,
		pretokengeneration.Domain,
		auth.Domain,
		profile.Domain,
		devices.Domain,
		applock.Domain,
		goals.Domain,
		achievements.Domain,
		notifications.Domain,
		alerts.Domain,
		subscription.Domain,
		transactions.Domain,
		credit.Domain,
		briefs.Domain,
		budgets.Domain,
		statementreader.Domain,
		ai.Domain,
		insights.Domain,
		bills.Domain,
	}
}
