// Package revenuecat is the client of RevenueCat's REST API v2
// (https://www.revenuecat.com/docs/api-v2). It reads a customer's entitlements, and
// the ids of the customer at RevenueCat.
//
// A use case declares the part that it needs, so its test needs no RevenueCat:
//
//	type subscriptions interface {
//		ActiveEntitlements(ctx context.Context, customerID string) ([]revenuecat.Entitlement, error)
//		Aliases(ctx context.Context, customerID string) ([]string, error)
//	}
//
// A customer id is the app's user id. An id from a client may belong to another user:
// use it only when it is among the Aliases of the caller.
//
// The key needs the permission customer_information:customers:read. Calls have the
// limits of package external and the breaker "revenuecat".
package revenuecat
