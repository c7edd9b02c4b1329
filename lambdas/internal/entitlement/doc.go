// Package entitlement tells whether a user is free or premium.
//
//	plans, err := entitlement.Open(env) // the function has entitlement.Permissions
//	plan, err := plans.Of(ctx, caller)
//	if plan.Plan == tables.Premium { … }
//
// RevenueCat knows who has paid. What it said is kept in a table (tables.Entitlements),
// so that a request pays one read and RevenueCat is asked seldom.
//
// # How long an answer is kept
//
// An answer is kept for 6 hours, but not beyond the end of the subscription. RevenueCat
// allows 480 requests a minute for customers in the whole project, 172,800 in 6 hours
// (https://www.revenuecat.com/docs/api-v2, "Rate Limit"). A free user takes two of them,
// a premium user one, so some 80,000 users can be active in 6 hours. A refund is noticed
// after at most 6 hours. A purchase is noticed at once, because the app then calls the
// subscription sync, which calls Refresh.
//
// An answer is kept for at least 5 minutes, also when the subscription ends within
// them: stores renew at the end, and RevenueCat learns of it some minutes later.
//
// # When RevenueCat does not answer
//
// Then the last known answer holds, however old it is, until 24 hours after the end of
// its subscription. A subscription that is renewed during an outage stays premium for
// that day. A user without a known answer is free. Such an answer is Stale and is not
// kept, so the next request asks again; the circuit breaker of package external keeps
// an outage from slowing down each request.
//
// # Whose entitlement
//
// RevenueCat's customer id is the user's id. The app may sign in at RevenueCat with the
// username instead, so a user who is not premium under their id is looked up by their
// username too. Both come from the access token and never from a request's body. The
// customer that has the username counts only when all of that customer's ids are the
// caller's own or RevenueCat's anonymous ids.
package entitlement
