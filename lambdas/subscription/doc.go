// Package subscription is the domain of paid subscriptions. RevenueCat knows who has paid;
// package entitlement keeps what it said, for every part of the backend that asks whether
// a user is premium. This domain has the answer renewed: when the app asks for it, and
// when RevenueCat reports an event. docs/subscription.md says more.
package subscription
