// Package revenuecat is the client of RevenueCat's REST API v2
// (https://www.revenuecat.com/docs/api-v2): what a customer is entitled to, and
// under which ids RevenueCat knows them.
//
// A use case declares the part it needs, so that its test needs no RevenueCat:
//
//	type subscriptions interface {
//		ActiveEntitlements(ctx context.Context, customerID string) ([]revenuecat.Entitlement, error)
//		Aliases(ctx context.Context, customerID string) ([]string, error)
//	}
//
// A customer id is the app's user id. An id that comes from the client may be
// anyone's: use it only when it is among the Aliases of the caller.
//
// The key needs the permission customer_information:customers:read. Calls have
// the limits of package external and the breaker "revenuecat".
package revenuecat
