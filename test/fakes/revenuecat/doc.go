// Package revenuecat is a stand-in for the customers of RevenueCat's REST API v2
// (https://www.revenuecat.com/docs/api-v2). Lists have pages of two, so that
// clients meet a second page.
package revenuecat
