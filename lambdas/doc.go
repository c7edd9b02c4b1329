// Package lambdas lists the backend's domains. Each is a folder beside this
// file with its declarations, its use cases and its main package.
package lambdas

import (
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/devices"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/health"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/lambdas/security"
	"github.com/expenzez/infrastructure/lambdas/tickets"
	"github.com/expenzez/infrastructure/lambdas/tokens"
)

// Domains returns every domain of the backend.
func Domains() []function.Domain {
	return []function.Domain{health.Domain, tickets.Domain, tokens.Domain, auth.Domain, profile.Domain, devices.Domain, security.Domain}
}
